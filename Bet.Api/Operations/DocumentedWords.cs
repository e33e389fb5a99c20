using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Bet.Api.Operations;

/// <summary>The words that a parameter takes, where it takes one of a few.</summary>
internal sealed class DocumentedWords : IParameterFilter
{
    public void Apply(IOpenApiParameter parameter, ParameterFilterContext context)
    {
        if (context.ParameterInfo is { } info && Word.OfParameter(info.ParameterType) is { } words)
            ((OpenApiSchema)parameter.Schema!).Enum = [.. words.Select(word => (JsonNode)JsonValue.Create(word))];
    }
}
