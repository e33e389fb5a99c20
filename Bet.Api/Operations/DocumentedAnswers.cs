using Bet.Api.Problems;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Bet.Api.Operations;

/// <summary>What any operation may answer: that it does not take a parameter, that a key is needed, and that the database does not answer.</summary>
internal sealed class DocumentedAnswers : IOperationFilter
{
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        string path = $"/{context.ApiDescription.RelativePath}";
        if (ApiKeys.IsOpen(path))
            return;
        if (Parameters.AreCheckedOf(path))
            Add("400", "Bad Request");
        Add("401", "Unauthorized: the server has keys, and none of them came.");
        Add("503", "Service Unavailable: the database does not answer.");

        void Add(string status, string description) => operation.Responses![status] = new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/problem+json"] = new()
                {
                    Schema = context.SchemaGenerator.GenerateSchema(typeof(Problem), context.SchemaRepository),
                },
            },
        };
    }
}
