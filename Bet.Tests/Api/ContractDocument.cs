using System.Text.Json;

namespace Bet.Tests.Api;

/// <summary>The contract that a server serves, to hold its answers against.</summary>
internal sealed class ContractDocument(JsonElement document)
{
    public static async Task<ContractDocument> Of(ServerProcess server) => new(await server.GetJson("/swagger/v1/swagger.json"));

    /// <summary>All operations, as "GET /v1/searches".</summary>
    public IEnumerable<string> Operations =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select $"{operation.Name.ToUpperInvariant()} {path.Name}";

    /// <param name="operation">"GET /v1/searches".</param>
    public JsonElement Operation(string operation)
    {
        string[] parts = operation.Split(' ');
        return document.GetProperty("paths").GetProperty(parts[1]).GetProperty(parts[0].ToLowerInvariant());
    }

    /// <summary>The statuses that an operation may answer.</summary>
    public string[] StatusesOf(string operation) =>
        [.. Operation(operation).GetProperty("responses").EnumerateObject().Select(response => response.Name)];

    /// <summary>The content types of an answer.</summary>
    public string[] ContentsOf(string operation, int status) => [.. ContentOf(operation, status).EnumerateObject().Select(type => type.Name)];

    /// <summary>Fails where an answer has what the contract does not say.</summary>
    public void Check(string operation, int status, JsonElement answer, string type = "application/json")
    {
        var schema = ContentOf(operation, status).GetProperty(type).GetProperty("schema");
        Assert.Equal([], Faults(schema, answer, operation));
    }

    private JsonElement ContentOf(string operation, int status) =>
        Operation(operation).GetProperty("responses").GetProperty($"{status}").GetProperty("content");

    private IEnumerable<string> Faults(JsonElement schema, JsonElement value, string place)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return IsNullable(schema) ? [] : [$"{place}: null"];
        schema = Resolve(schema);
        if (!schema.TryGetProperty("type", out var type))
            return [];
        if (schema.TryGetProperty("enum", out var words) && !words.EnumerateArray().Any(word => JsonElement.DeepEquals(word, value)))
            return [$"{place}: {value} is none of {words}"];
        return (type.GetString(), value.ValueKind) switch
        {
            ("object", JsonValueKind.Object) => value.EnumerateObject().SelectMany(member => FaultsOf(schema, member, place)),
            ("array", JsonValueKind.Array) => value.EnumerateArray().SelectMany(
                (entry, i) => Faults(schema.GetProperty("items"), entry, $"{place}[{i}]")),
            ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => [],
            ("integer", JsonValueKind.Number) when value.TryGetInt64(out _) => [],
            _ => [$"{place}: {value} is no {type}"],
        };
    }

    private IEnumerable<string> FaultsOf(JsonElement schema, JsonProperty member, string place)
    {
        string name = $"{place}.{member.Name}";
        if (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var property))
            return Faults(property, member.Value, name);
        return schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.Object
            ? Faults(others, member.Value, name)
            : [$"{name}: no such property"];
    }

    private static bool IsNullable(JsonElement schema) => schema.TryGetProperty("nullable", out var nullable)
        ? nullable.GetBoolean()
        : !schema.TryGetProperty("type", out _) && !schema.TryGetProperty("$ref", out _) && !schema.TryGetProperty("allOf", out _);

    private JsonElement Resolve(JsonElement schema)
    {
        if (schema.TryGetProperty("allOf", out var all))
            schema = Assert.Single(all.EnumerateArray());
        return schema.TryGetProperty("$ref", out var reference)
            ? document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1])
            : schema;
    }
}
