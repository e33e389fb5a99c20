using System.Reflection;
using System.Text.Json.Nodes;
using Bet.Api.Problems;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Bet.Api.Operations;

/// <summary>The OpenAPI contract and its page at /swagger.</summary>
public static class Contract
{
    private const string InlineExample = "ann bread\nann milk\nann eggs\nbob milk\nbob eggs\nbob rice\ncho bread\ncho rice\ncho milk\n";

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
                    "Finds the embedding table to serve for a data set, a backbone and a memory budget. To try it: make the " +
                    "example data set, post the example search, and read the search until it has succeeded.",
            });
            foreach (var assembly in new[] { typeof(Contract).Assembly, typeof(Bet.Jobs.JobsSetup).Assembly, typeof(Bet.Engine.Search.SearchOptions).Assembly })
            {
                string file = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
                if (File.Exists(file))
                    options.IncludeXmlComments(file);
            }

            options.SupportNonNullableReferenceTypes();
            options.OperationFilter<UploadBody>();
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

    /// <summary>The body and the options of an upload, which is streamed and so declares no parameters of its own.</summary>
    private sealed class UploadBody : IOperationFilter
    {
        private static readonly (string Name, string Description)[] Fields =
        [
            ("name", "What to call it."),
            ("part", "For a raw body: all, train or test."),
            ("format", "auto, adjacency (a user and then its items on a line), delimited or movielens."),
            ("delimiter", "One character, or tab, comma, semicolon, pipe, space."),
            ("header", "true or false; told from the first line where it is left out."),
            ("userColumn", "A header, or a position counted from 1."),
            ("itemColumn", "A header, or a position counted from 1."),
            ("ratingColumn", "A header, or a position counted from 1; needs ratingThreshold."),
            ("ratingThreshold", "Rows with a rating below it are left out."),
            ("timestampColumn", "A header, or a position counted from 1; integers or ISO 8601."),
        ];

        public void Apply(OpenApiOperation operation, OperationFilterContext context)
        {
            if (context.ApiDescription.RelativePath?.TrimEnd('/') != "v1/datasets" || context.ApiDescription.HttpMethod != "POST")
                return;
            operation.Parameters = Fields.Select(IOpenApiParameter (field) => new OpenApiParameter
            {
                Name = field.Name,
                In = ParameterLocation.Query,
                Description = field.Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            }).ToList();
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["text/plain"] = new OpenApiMediaType
                    {
                        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                        Example = JsonValue.Create(InlineExample),
                    },
                    ["multipart/form-data"] = new OpenApiMediaType { Schema = Parts() },
                },
            };
        }

        private static OpenApiSchema Parts() => new()
        {
            Type = JsonSchemaType.Object,
            Properties = new[] { "file", "train", "test" }.ToDictionary(
                name => name,
                IOpenApiSchema (_) => new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" }),
        };
    }
}
