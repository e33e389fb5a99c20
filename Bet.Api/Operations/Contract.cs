using Bet.Api.Problems;
using Bet.Engine.Search;
using Microsoft.OpenApi;

namespace Bet.Api.Operations;

/// <summary>The OpenAPI contract and its page at /swagger.</summary>
public static class Contract
{
    public static void AddContract(this IServiceCollection services)
    {
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc("v1", new OpenApiInfo
            {
                Title = "BET",
                Version = "v1",
                Description =
                    "Finds the embedding table to serve for a data set, a backbone and a memory budget, and the tables of click data's fields. To try it: make the " +
                    "example data set, post the example search, and read the search until it has succeeded.",
            });
            options.IncludeXmlComments(typeof(Contract).Assembly);
            options.IncludeXmlComments(typeof(SearchOverrides).Assembly);
            options.SupportNonNullableReferenceTypes();
            // A reference by itself can have neither a description nor null.
            options.UseAllOfToExtendReferenceSchemas();
            options.SchemaFilter<UndefinedNumbers>();
            options.ParameterFilter<DocumentedWords>();
            options.OperationFilter<DocumentedOperations>();
            options.OperationFilter<DocumentedAnswers>();
            const string Key = "apiKey";
            options.AddSecurityDefinition(Key, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "X-Api-Key",
                Description = "Needed where the server has keys.",
            });
            options.AddSecurityRequirement(document => new OpenApiSecurityRequirement
            {
                [new OpenApiSecuritySchemeReference(Key, document)] = [],
            });
        });
    }

    public static void UseContract(this WebApplication app)
    {
        app.UseSwagger();
        app.UseSwaggerUI(options =>
        {
            options.DocumentTitle = "BET";
            options.SwaggerEndpoint("v1/swagger.json", "BET v1");
        });
    }

    /// <summary>Says that the operation may answer with problem details of these statuses.</summary>
    public static RouteHandlerBuilder ProducesProblems(this RouteHandlerBuilder builder, params int[] statuses)
    {
        foreach (int status in statuses)
            builder.Produces<Problem>(status, "application/problem+json");
        return builder;
    }
}
