using System.Globalization;
using Bet.Api.Problems;
using Bet.Engine.Data;

namespace Bet.Api.Datasets;

/// <summary>The options of an upload, from the query and from form fields; the latter win.</summary>
internal sealed class UploadFields
{
    private const int LongestName = 200;

    private static readonly string[] Known =
    [
        "name", "part", "format", "delimiter", "header", "userColumn", "itemColumn", "ratingColumn", "ratingThreshold",
        "timestampColumn",
    ];

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    public UploadFields(IQueryCollection query)
    {
        foreach (var (name, value) in query)
            Set(name, value.ToString());
    }

    /// <summary>The client's name for the data set; null where it gave none.</summary>
    public string? Name => Get("name") is { } name
        ? name.Trim().Length is > 0 and <= LongestName
            ? name.Trim()
            : throw Wrong("name", name, $"a name has 1 to {LongestName} characters")
        : null;

    /// <summary>What a raw body holds.</summary>
    public FilePart Part => Get("part") is { } part ? ParseEnum<FilePart>("part", part) : FilePart.All;

    public void Set(string name, string value)
    {
        if (!Known.Contains(name))
            throw Wrong(name, value, $"there is no such field; there are {string.Join(", ", Known)}, and the files' parts file, train and test");
        values[name] = value;
    }

    /// <summary>How the files are written.</summary>
    public DatasetFormat Format() => new()
    {
        Kind = Get("format") is { } kind ? ParseEnum<DatasetKind>("format", kind) : DatasetKind.Auto,
        Delimiter = Get("delimiter") is { } delimiter ? ParseDelimiter(delimiter) : null,
        HasHeader = Get("header") is { } header
            ? bool.TryParse(header, out bool has) ? has : throw Wrong("header", header, "true or false")
            : null,
        UserColumn = Get("userColumn"),
        ItemColumn = Get("itemColumn"),
        RatingColumn = Get("ratingColumn"),
        RatingThreshold = Get("ratingThreshold") is { } threshold
            ? double.TryParse(threshold, NumberStyles.Float, CultureInfo.InvariantCulture, out double least) && double.IsFinite(least)
                ? least
                : throw Wrong("ratingThreshold", threshold, "a number, such as 4 or 3.5")
            : null,
        TimestampColumn = values.GetValueOrDefault("timestampColumn"),
    };

    private static RequestException Wrong(string field, string given, string message) =>
        RequestException.Invalid(new FieldError(field, given, message));

    private static T ParseEnum<T>(string field, string text) where T : struct, Enum =>
        Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0])
            ? value
            : throw Wrong(field, text, $"one of {string.Join(", ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()))}");

    private static char ParseDelimiter(string text) => text.ToLowerInvariant() switch
    {
        "tab" or "\\t" => '\t',
        "comma" => ',',
        "semicolon" => ';',
        "pipe" => '|',
        "space" => ' ',
        { Length: 1 } one => one[0],
        _ => throw Wrong("delimiter", text, "one character, or tab, comma, semicolon, pipe or space"),
    };

    /// <summary>Null for a field that was left empty, as forms do.</summary>
    private string? Get(string name) => values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
}
