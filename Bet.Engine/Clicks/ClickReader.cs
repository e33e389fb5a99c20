using System.Buffers;
using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>
/// Reads the files of click data, plain or gzip, line by line. The result takes 4 bytes a number and a category, 1 a
/// label and the ids; while it is read, up to twice that.
/// </summary>
public static class ClickReader
{
    private static readonly char[] Delimiters = ['\t', ',', ';', '|'];

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>Room for the 11 GB of text that Criteo's seven days take.</summary>
    public static ReadLimits DefaultLimits { get; } = new(ExpandedBytes: 64L << 30);

    /// <summary>
    /// Reads all files in one format. They are either all <see cref="FilePart.All"/>, or train files and test files.
    /// </summary>
    /// <param name="files">At least one.</param>
    /// <param name="format">How they are written.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <param name="limits">Rows are counted as interactions; null: <see cref="DefaultLimits"/>.</param>
    /// <exception cref="DataFormatException">
    /// A file is not what the format says or has no row, or all rows to learn from have the same label.
    /// </exception>
    /// <exception cref="ArgumentException">The format or the combination of parts makes no sense.</exception>
    public static ClickSet Read(
        IReadOnlyList<DatasetFile> files,
        ClickFormat format,
        CancellationToken cancellation = default,
        ReadLimits? limits = null)
    {
        format.Validate();
        DatasetReader.ValidateParts(files);
        limits ??= DefaultLimits;
        var ordered = files.OrderBy(file => file.Part).ToList();
        using (var lines = new ByteLines(ordered[0], limits, cancellation))
            format = Resolve(format, lines);
        var reader = new ClickRecordReader(format, limits.Interactions);
        foreach (var file in ordered)
        {
            int before = reader.Builder?.Count ?? 0;
            using var lines = new ByteLines(file, limits, cancellation);
            reader.Read(lines, file.Part);
            if ((reader.Builder?.Count ?? 0) == before)
                throw Empty(lines);
        }

        CheckLabels(ordered, reader.Builder!);
        return reader.Builder!.Build() with { Reading = reader.Reading };
    }

    /// <summary>Reads what <see cref="FilesIn"/> finds.</summary>
    /// <exception cref="FileNotFoundException">The folder has nothing to read.</exception>
    /// <exception cref="DataFormatException">As for <see cref="Read"/>.</exception>
    public static ClickSet ReadFolder(
        string path, ClickFormat? format = null, CancellationToken cancellation = default, ReadLimits? limits = null) =>
        Read(FilesIn(path), format ?? new ClickFormat(), cancellation, limits);

    /// <summary>
    /// A folder's click data: <c>train.*</c> and, if there is one, <c>test.*</c>; or else the single <c>clicks.*</c>,
    /// <c>ratings.*</c> or <c>interactions.*</c>, with the extension txt, csv, tsv or dat, each optionally followed by .gz.
    /// </summary>
    /// <exception cref="FileNotFoundException">The folder has none of these, or is not there.</exception>
    public static IReadOnlyList<DatasetFile> FilesIn(string path) =>
        DatasetReader.FilesIn(path, "clicks", "ratings", "interactions");

    /// <summary>
    /// Whether a file's first line can be nothing but Criteo's: 40 columns between tabs, 0 or 1 in the first, and in each of
    /// the last 26 eight hexadecimal digits or nothing.
    /// </summary>
    /// <exception cref="DataFormatException">It is no text.</exception>
    public static bool IsCriteo(DatasetFile file)
    {
        using var lines = new ByteLines(file, DefaultLimits, CancellationToken.None);
        ReadOnlySpan<byte> first = default;
        while (first.IsEmpty)
        {
            if (!lines.TryRead(out first))
                return false;
        }

        var columns = ClickColumns.Criteo;
        int column = 0;
        foreach (var range in first.Split((byte)'\t'))
        {
            var text = first[range];
            bool fits = column == columns.Label ? text is [(byte)'0' or (byte)'1']
                : column < columns.Fields[0] || text.IsEmpty || (text.Length == 8 && !text.ContainsAnyExcept(HexDigits));
            if (!fits)
                return false;
            column++;
        }

        return column == columns.Count;
    }

    /// <summary>
    /// Criteo's if the first line has 40 columns between tabs and 0 or 1 in the first, and nothing was said that speaks
    /// against it; else delimited, by a tab, comma, semicolon or bar, the first of these that occurs.
    /// </summary>
    private static ClickFormat Resolve(ClickFormat format, ByteLines lines)
    {
        if (format.Kind == ClickKind.Criteo)
            return format with { Delimiter = '\t' };
        if (format.Kind == ClickKind.Delimited || format.Delimiter is not (null or '\t'))
            return format with { Kind = ClickKind.Delimited };
        ReadOnlySpan<byte> first = default;
        while (first.IsEmpty)
        {
            if (!lines.TryRead(out first))
                throw Empty(lines);
        }

        bool plain = format is { LabelThreshold: null, CategoryColumns: null, HasHeader: not true } && !format.NamedColumns().Any();
        bool criteo = first.Count((byte)'\t') == ClickColumns.Criteo.Count - 1
            && first is [(byte)'0' or (byte)'1', (byte)'\t', ..];
        if (plain && criteo)
            return format with { Kind = ClickKind.Criteo, Delimiter = '\t' };
        char? delimiter = format.Delimiter;
        foreach (char other in Delimiters)
            delimiter ??= first.Contains((byte)other) ? other : null;
        return delimiter is not null
            ? format with { Kind = ClickKind.Delimited, Delimiter = delimiter }
            : throw lines.Error(
                "columns separated by a tab, comma, semicolon or bar (for anything else give the delimiter)",
                DataFormatException.Quote(first));
    }

    private static DataFormatException Empty(ByteLines lines) => new(
        lines.File,
        0,
        "at least one row",
        lines.Line == 0 ? "an empty file" : "none (a header or empty lines alone)");

    private static void CheckLabels(List<DatasetFile> files, ClickBuilder builder)
    {
        if (builder.TrainPositives > 0 && builder.TrainPositives < builder.TrainCount)
            return;
        var names = files.Where(file => file.Part != FilePart.Test).Select(file => file.Name);
        throw new DataFormatException(
            string.Join(", ", names),
            0,
            "rows with label 0 and rows with label 1",
            $"{builder.TrainCount} row(s), all with label {(builder.TrainPositives > 0 ? 1 : 0)}");
    }
}
