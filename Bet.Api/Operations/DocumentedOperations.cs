using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Bet.Api.Operations;

/// <summary>
/// What the contract says of operations beyond their signatures: bodies that are streamed, examples that can be sent as
/// they stand, and the headers that are understood.
/// </summary>
internal sealed class DocumentedOperations : IOperationFilter
{
    /// <summary>Users and their items: as few as the examples of searches have budgets for.</summary>
    private static readonly string[] Baskets =
    [
        "ann corn figs salt nuts plums",
        "bob bread oats jam rice eggs",
        "cho plums salt corn figs soup",
        "dan milk bread eggs oats jam",
        "eva kale figs plums corn salt",
        "fay eggs jam oats bread tea",
        "gus kale nuts soup corn salt",
        "ida rice eggs bread jam tea",
        "jon soup kale figs corn nuts",
        "kim tea eggs rice oats bread",
        "leo figs plums salt soup nuts",
        "mia jam eggs tea rice oats",
    ];

    private static readonly string InlineExample = string.Concat(
        Baskets.Select(basket => basket.Split(' ')).SelectMany(basket => basket[1..].Select(item => $"{basket[0]},{item}\n")));

    private static readonly (string Name, string Summary, string Body)[] SearchExamples =
    [
        (
            "table", "One table, a fifth of the full one's bytes",
            """{"dataset": "example", "backbone": "mf", "budget": {"sparsity": 0.8}, "effort": "quick", "seed": 1}"""
        ),
        (
            "curve", "Quality against bytes: a table for each of three budgets",
            """{"dataset": "example", "backbone": "mf", "budgets": [{"sparsity": 0.8}, {"sparsity": 0.9}, {"bytes": 20000}], "effort": "quick", "seed": 1}"""
        ),
        (
            "clicks", "Click data: the tables of all fields, a tenth of the full ones' bytes",
            """{"dataset": "example-clicks", "backbone": "dlrm", "budget": {"sparsity": 0.9}, "effort": "quick", "seed": 1}"""
        ),
        (
            "collisions", "Click data: quotient-remainder tables, as users of DLRM ask for them",
            """{"dataset": "example-clicks", "backbone": "dcn", "method": "quotient-remainder", "operation": "multiply", "collisions": 4, "effort": "quick"}"""
        ),
    ];

    private static readonly (string Name, string Description)[] UploadFields =
    [
        ("name", "What to call it; left out: as the first file is called."),
        ("part", "For a raw body: all, train or test."),
        ("format", "auto, adjacency (a user and then its items on a line), delimited or movielens; of click data auto, delimited or criteo. Told from the first lines where it is left out, unless they could be two of these."),
        ("delimiter", "One character, or tab, comma, semicolon, pipe, space."),
        ("header", "true or false; told from the first lines where it is left out."),
        ("userColumn", "A header, or a position counted from 1; left out: told by its header, or the first column of two or of a file without a header."),
        ("itemColumn", "A header, or a position counted from 1; left out: told by its header, or the second column of two or of a file without a header."),
        ("ratingColumn", "A header, or a position counted from 1; needs ratingThreshold."),
        ("ratingThreshold", "Rows with a rating below it are left out."),
        ("timestampColumn", "A header, or a position counted from 1; integers, seconds since 1970 with decimals (kept to the nanosecond) or ISO 8601 (to the millisecond). Left out: the header timestamp, ts, time, unixtime, datetime, date, event_time or event_timestamp; given empty: none."),
        ("labelColumn", "Click data: 0 or 1. A header, or a position counted from 1, as are the following."),
        ("labelThreshold", "Click data: the label's column holds numbers, of which those of so much or more count as 1."),
        ("numberColumns", "Click data: columns of numbers, separated by commas."),
        ("categoryColumns", "Click data: columns of categories, separated by commas; left out: all that are nothing else."),
        ("ignoredColumns", "Click data: columns that are not looked at, separated by commas."),
        ("timeColumn", "Click data: as timestampColumn; left out: the header timestamp."),
    ];

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        switch (context.ApiDescription.HttpMethod, context.ApiDescription.RelativePath?.TrimEnd('/'))
        {
            case ("POST", "v1/datasets"):
                operation.Parameters = UploadFields
                    .Select(field => Parameter(field.Name, ParameterLocation.Query, field.Description)).ToList();
                operation.RequestBody = UploadBody();
                break;
            case ("POST", "v1/tables"):
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        ["multipart/form-data"] = Form(
                            ["users", "items", "table", "userIds", "itemIds"],
                            [("dataset", "The data set's id, in place of the query's."), ("name", "What to call it, in place of the query's.")]),
                    },
                };
                break;
            case ("POST", "v1/searches"):
                operation.RequestBody!.Content!["application/json"].Examples = SearchExamples.ToDictionary(
                    example => example.Name,
                    IOpenApiExample (example) => new OpenApiExample { Summary = example.Summary, Value = JsonNode.Parse(example.Body) });
                operation.Parameters =
                    [Parameter("Idempotency-Key", ParameterLocation.Header, "Requests with the same key and body are one request.")];
                break;
            case ("GET", "v1/searches/{id}"):
                operation.Parameters!.Add(Parameter("If-None-Match", ParameterLocation.Header, "The ETag of the last answer."));
                operation.Parameters!.Add(Parameter("Prefer", ParameterLocation.Header, "wait=30 waits up to 30 seconds for a change or the end."));
                break;
            case ("GET", "v1/searches/{id}/events"):
                operation.Parameters!.Add(Parameter("Last-Event-ID", ParameterLocation.Header, "For Server-Sent Events: go on behind this number."));
                operation.Responses!["200"].Content!["text/event-stream"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.String,
                        Description = "Each with its number as id, its type as event and itself as data, in JSON; until the search has ended.",
                    },
                };
                break;
        }
    }

    private static IOpenApiParameter Parameter(string name, ParameterLocation place, string description) => new OpenApiParameter
    {
        Name = name,
        In = place,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiRequestBody UploadBody() => new()
    {
        Required = true,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            ["text/plain"] = new()
            {
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = JsonValue.Create(InlineExample),
            },
            ["multipart/form-data"] = Form(["file", "train", "test"], UploadFields),
        },
    };

    private static OpenApiMediaType Form(string[] files, (string Name, string Description)[] fields)
    {
        var parts = new Dictionary<string, IOpenApiSchema>();
        foreach (string file in files)
            parts[file] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" };
        foreach (var (name, description) in fields)
            parts[name] = new OpenApiSchema { Type = JsonSchemaType.String, Description = description };
        return new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = parts } };
    }
}
