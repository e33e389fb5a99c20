using Bet.Engine.Evaluation;
using Bet.Jobs.Pipeline;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Bet.Api.Operations;

/// <summary>The numbers that need not be defined are null then, see <see cref="SearchJson"/>.</summary>
internal sealed class UndefinedNumbers : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        // A property of the type is a reference, which has no properties.
        if (context.Type != typeof(Estimate) || schema.Properties is not { } numbers)
            return;
        foreach (var number in numbers.Values.OfType<OpenApiSchema>())
            number.Type |= JsonSchemaType.Null;
    }
}
