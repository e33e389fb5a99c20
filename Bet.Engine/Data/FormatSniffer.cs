using System.Text;

namespace Bet.Engine.Data;

/// <summary>Tells the kind and delimiter of a file from its first lines.</summary>
internal static class FormatSniffer
{
    private const int SampleLines = 64;
    private const int SampleLength = 1 << 20;
    private const int FewestLists = 8;
    private const int HighestRating = 10;
    private const long EarliestTime = 100_000_000;

    private static readonly char[] Delimiters = [',', ';', '|'];
    private static readonly char[] Blanks = [' ', '\t'];

    /// <summary>
    /// "::" means MovieLens; tabs in the same number in every line, a comma, a semicolon or a bar mean delimited; and
    /// integers between blanks an adjacency list.
    /// </summary>
    /// <exception cref="DataFormatException">It is none of these, or could be two.</exception>
    public static DatasetFormat Resolve(DatasetFormat format, ByteLines lines)
    {
        if (format.Kind != DatasetKind.Auto)
            return format;
        if (format.Delimiter is not null)
            return format with { Kind = DatasetKind.Delimited };
        var sample = ReadSample(lines);
        if (sample.Count == 0)
            throw DatasetReader.Empty(lines);
        string first = sample[0];
        if (first.Contains("::"))
            return format with { Kind = DatasetKind.MovieLens };
        int tabs = first.Count(c => c == '\t');
        if (tabs > 0 && (sample.All(line => line.Count(c => c == '\t') == tabs) || !IsAdjacency(sample)))
        {
            bool told = format.HasHeader is not null || format.RatingThreshold is not null || format.NamedColumns().Any();
            return told || !IsAdjacency(sample) || TriplesOf(sample) is not { } columns || !ReadLikeLists(columns)
                ? format with { Kind = DatasetKind.Delimited, Delimiter = '\t' }
                : throw Ambiguous(lines, first, columns[0].Length, '\t');
        }

        foreach (char delimiter in Delimiters)
        {
            if (first.Contains(delimiter))
                return format with { Kind = DatasetKind.Delimited, Delimiter = delimiter };
        }

        if (!IsAdjacency(sample))
        {
            throw new DataFormatException(
                lines.File,
                1,
                "lines of 'user item item ...' with integers, columns separated by a comma, semicolon or tab, or "
                    + "'user::item::rating' (for anything else choose the kind and the delimiter)",
                DataFormatException.Quote(Encoding.UTF8.GetBytes(first)));
        }

        return TriplesOf(sample) is not { } triples || ReadLikeLists(triples)
            ? format with { Kind = DatasetKind.Adjacency }
            : throw Ambiguous(lines, first, triples[0].Length, ' ');
    }

    private static List<string> ReadSample(ByteLines lines)
    {
        var sample = new List<string>();
        int length = 0;
        while (sample.Count < SampleLines && length < SampleLength && lines.TryRead(out var line))
        {
            if (line.IsEmpty)
                continue;
            sample.Add(Encoding.UTF8.GetString(line));
            length += line.Length;
        }

        return sample;
    }

    /// <summary>
    /// The columns of lines of integers, where all have the same 3 or 4 of them: a user, an item, a rating and a time, or a
    /// user of as many items as all others. Null where it is lists for certain.
    /// </summary>
    private static string[][]? TriplesOf(List<string> sample)
    {
        string[][] lines = [.. sample.Select(line => line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries))];
        return lines[0].Length is 3 or 4 && lines.All(line => line.Length == lines[0].Length) ? lines : null;
    }

    /// <summary>
    /// Every user has one line, in the order of their numbers, as in published lists; in triples so many users with one item
    /// each would not come together. And the third column holds more than ratings, no other times.
    /// </summary>
    private static bool ReadLikeLists(string[][] lines)
    {
        long[][] values = [.. lines.Select(line => line.Select(text => long.TryParse(text, out long value) ? value : long.MaxValue).ToArray())];
        return lines.Length >= FewestLists
            && values.Zip(values.Skip(1)).All(pair => pair.First[0] < pair.Second[0])
            && values.Any(line => line[2] > HighestRating)
            && values.All(line => line[2] < EarliestTime && line[^1] < EarliestTime);
    }

    private static DataFormatException Ambiguous(ByteLines lines, string first, int columns, char blank) => new(
        lines.File,
        1,
        $"to be told what lines of {columns} integers each are: format=adjacency for a user and then its items, or "
            + $"format=delimited&delimiter={DatasetReading.Word(blank)} for a user, an item and a rating or a time",
        DataFormatException.Quote(Encoding.UTF8.GetBytes(first)));

    private static bool IsAdjacency(List<string> sample) =>
        sample.All(line => line.All(c => c is ' ' or '\t' || char.IsAsciiDigit(c)));
}
