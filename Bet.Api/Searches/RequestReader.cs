using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Bet.Api.Problems;
using Bet.Jobs.Pipeline;

namespace Bet.Api.Searches;

/// <summary>Reads a JSON body whose every field must be known, and says of what is wrong what would do.</summary>
internal static class RequestReader
{
    private const int LargestBody = 64 << 10;

    private static readonly JsonSerializerOptions Strict = new(SearchJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <returns>The record and the bytes it was read from.</returns>
    public static async Task<(T Value, byte[] Body)> Read<T>(HttpRequest request, CancellationToken cancel) where T : class
    {
        byte[] body = await ReadBody(request, cancel);
        using var document = Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw RequestException.Invalid(new FieldError("", document.RootElement.ToString(), "the body must be a JSON object, {\"dataset\": ...}"));
        var errors = new List<FieldError>();
        Check(document.RootElement, typeof(T), "", errors);
        if (errors.Count > 0)
            throw RequestException.Invalid([.. errors]);
        return (document.RootElement.Deserialize<T>(Strict)!, body);
    }

    private static async Task<byte[]> ReadBody(HttpRequest request, CancellationToken cancel)
    {
        var buffer = new byte[LargestBody + 1];
        int length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        return length <= LargestBody
            ? buffer[..length]
            : throw new RequestException(
                StatusCodes.Status413PayloadTooLarge, "too-large", "The request is too large", $"this request has at most {LargestBody} bytes");
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        // A byte order mark, as PowerShell sends one.
        if (body.Span.StartsWith("\uFEFF"u8))
            body = body[3..];
        if (!Utf8.IsValid(body.Span))
            throw RequestException.Invalid(new FieldError("", null, "the body is not UTF-8, which JSON is written in"));
        try
        {
            return JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
        }
        // The latter of a name with half a surrogate pair.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw RequestException.Invalid(new FieldError("", null, $"the body is not valid JSON: {e.Message}"));
        }
    }

    /// <summary>Compares each member with the property of its name, so that all errors are found at once.</summary>
    private static void Check(JsonElement given, Type type, string prefix, List<FieldError> errors)
    {
        var properties = type.GetProperties().ToDictionary(
            p => JsonNamingPolicy.CamelCase.ConvertName(p.Name), p => Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType);
        foreach (var member in given.EnumerateObject())
        {
            string field = prefix + member.Name;
            if (!properties.TryGetValue(member.Name, out var expected))
                errors.Add(new FieldError(field, Excerpt(member.Value), $"there is no such field; there are {string.Join(", ", properties.Keys)}"));
            else if (IsRecord(expected) && member.Value.ValueKind == JsonValueKind.Object)
                Check(member.Value, expected, field + ".", errors);
            else if (RecordOf(expected) is { } entry && member.Value.ValueKind == JsonValueKind.Array)
                CheckList(member.Value, entry, field, errors);
            else if (!Fits(member.Value, expected))
                errors.Add(new FieldError(field, Excerpt(member.Value), $"{Excerpt(member.Value) ?? "null"} was given; {Describe(expected)} is expected"));
        }
    }

    private static void CheckList(JsonElement given, Type entry, string field, List<FieldError> errors)
    {
        foreach (var (index, value) in given.EnumerateArray().Index())
        {
            if (value.ValueKind == JsonValueKind.Object)
                Check(value, entry, $"{field}[{index}].", errors);
            else
                errors.Add(new FieldError($"{field}[{index}]", Excerpt(value), $"{Excerpt(value) ?? "null"} was given; an object is expected"));
        }
    }

    /// <summary>What a list of records is a list of; null for anything else.</summary>
    private static Type? RecordOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && IsRecord(type.GenericTypeArguments[0])
            ? type.GenericTypeArguments[0]
            : null;

    private static bool IsRecord(Type type) => type.IsClass && type != typeof(string);

    private static bool Fits(JsonElement value, Type type)
    {
        try
        {
            object? read = value.Deserialize(type.IsValueType ? typeof(Nullable<>).MakeGenericType(type) : type, Strict);
            return read is not (float.PositiveInfinity or float.NegativeInfinity or double.PositiveInfinity or double.NegativeInfinity);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static object? Excerpt(JsonElement value)
    {
        string text = value.ValueKind == JsonValueKind.String ? TextOf(value) : value.GetRawText();
        return value.ValueKind == JsonValueKind.Null ? null : text.Length > 60 ? text[..60] + "..." : text;
    }

    /// <summary>As it stands in the body where it has half a surrogate pair, which is no text.</summary>
    private static string TextOf(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText();
        }
    }

    private static string Describe(Type type)
    {
        if (type.IsEnum)
            return "one of " + string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName));
        if (type == typeof(string))
            return "a text";
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(double) || type == typeof(float))
            return type == typeof(float) ? "a number that float32 holds" : "a number that float64 holds";
        if (type.IsAssignableTo(typeof(IEnumerable<string>)))
            return "a list of texts";
        if (RecordOf(type) is not null)
            return "a list of objects";
        return IsRecord(type) ? "an object" : type == typeof(ulong) ? "a whole number of at least 0" : "a whole number";
    }
}
