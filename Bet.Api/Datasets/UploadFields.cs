using System.Globalization;
using Bet.Api.Problems;
using Bet.Engine.Clicks;
using Bet.Engine.Data;

namespace Bet.Api.Datasets;

/// <summary>The options of an upload, from the query and from form fields; the latter win.</summary>
internal sealed class UploadFields
{
    private const int LongestName = 200;

    private static readonly string[] OfAll = ["name", "part", "format", "delimiter", "header"];

    private static readonly string[] OfInteractions =
        ["userColumn", "itemColumn", "ratingColumn", "ratingThreshold", "timestampColumn"];

    private static readonly string[] OfClicks =
        ["labelColumn", "labelThreshold", "numberColumns", "categoryColumns", "ignoredColumns", "timeColumn"];

    /// <summary>All of their names.</summary>
    public static readonly string[] Known = [.. OfAll, .. OfInteractions, .. OfClicks];

    /// <summary>The names of those that are an option of a format, called as they are.</summary>
    public static readonly string[] OfFormats = ["delimiter", .. OfInteractions, .. OfClicks];

    private static readonly string[] Formats =
        [.. Enum.GetNames<DatasetKind>().Union(Enum.GetNames<ClickKind>()).Select(name => name.ToLowerInvariant())];

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
    public FilePart Part => Get("part") is { } part
        ? Parse<FilePart>(part) ?? throw Wrong("part", part, $"one of {string.Join(", ", Enum.GetNames<FilePart>()).ToLowerInvariant()}")
        : FilePart.All;

    public void Set(string name, string value)
    {
        if (!Known.Contains(name))
            throw Wrong(name, value, $"there is no such field; there are {string.Join(", ", Known)}, and the files' parts file, train and test");
        values[name] = value;
    }

    /// <summary>How click data are written; null where the fields speak of interactions, or of neither.</summary>
    /// <exception cref="RequestException">Some speak of clicks and some of interactions.</exception>
    public ClickFormat? Clicks()
    {
        string? format = Get("format");
        string? field = OfClicks.FirstOrDefault(name => Get(name) is not null);
        bool criteo = format is not null && Parse<ClickKind>(format) == ClickKind.Criteo;
        if (field is null && !criteo)
            return null;
        string given = field ?? "format criteo";
        if (OfInteractions.FirstOrDefault(name => Get(name) is not null) is { } other)
            throw Wrong(other, Get(other), $"it is of interactions, and {given} of click data, which have {string.Join(", ", OfClicks)}; leave one of them out");
        return new ClickFormat
        {
            Kind = format is null
                ? ClickKind.Auto
                : Parse<ClickKind>(format) ?? throw WrongFormat(format, Parse<DatasetKind>(format) is null
                    ? null
                    : $"it is of interactions, and {given} of click data; leave one of them out"),
            Delimiter = Delimiter,
            HasHeader = HasHeader,
            LabelColumn = Get("labelColumn"),
            LabelThreshold = Number("labelThreshold"),
            NumberColumns = List("numberColumns") ?? [],
            CategoryColumns = List("categoryColumns"),
            IgnoredColumns = List("ignoredColumns") ?? [],
            TimeColumn = values.GetValueOrDefault("timeColumn"),
        };
    }

    /// <summary>Whether nothing was said that the files themselves do not say.</summary>
    public bool TellsNothing => Get("delimiter") is null && Get("header") is null && OfInteractions.All(name => Get(name) is null)
        && (Get("format") ?? "auto").Equals("auto", StringComparison.OrdinalIgnoreCase);

    /// <summary>How files of interactions are written.</summary>
    public DatasetFormat Interactions() => new()
    {
        Kind = Get("format") is { } kind ? Parse<DatasetKind>(kind) ?? throw WrongFormat(kind, null) : DatasetKind.Auto,
        Delimiter = Delimiter,
        HasHeader = HasHeader,
        UserColumn = Get("userColumn"),
        ItemColumn = Get("itemColumn"),
        RatingColumn = Get("ratingColumn"),
        RatingThreshold = Number("ratingThreshold"),
        TimestampColumn = values.GetValueOrDefault("timestampColumn"),
    };

    private char? Delimiter => Get("delimiter") is { } delimiter ? ParseDelimiter(delimiter) : null;

    private bool? HasHeader => Get("header") is { } header
        ? bool.TryParse(header, out bool has) ? has : throw Wrong("header", header, "true or false")
        : null;

    private double? Number(string name) => Get(name) is { } text
        ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw Wrong(name, text, "a number, such as 4 or 3.5")
        : null;

    private string[]? List(string name) => Get(name)?.Split(',', StringSplitOptions.TrimEntries);

    private static RequestException Wrong(string field, string? given, string message) =>
        RequestException.Invalid(new FieldError(field, given, message));

    private static RequestException WrongFormat(string given, string? message) =>
        Wrong("format", given, message ?? $"one of {string.Join(", ", Formats)}");

    private static T? Parse<T>(string text) where T : struct, Enum =>
        Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0]) ? value : null;

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
    public string? Get(string name) => values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
}
