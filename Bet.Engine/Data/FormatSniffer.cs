using System.Text;

namespace Bet.Engine.Data;

/// <summary>Tells the kind and delimiter of a file from its first lines.</summary>
internal static class FormatSniffer
{
    private const int SampleLines = 20;
    private static readonly char[] Delimiters = [',', ';', '|'];

    /// <summary>
    /// "::" means MovieLens; tabs in the same number in every line, a comma, a semicolon or a bar mean delimited; and
    /// integers between blanks an adjacency list.
    /// </summary>
    /// <exception cref="DataFormatException">It is none of these.</exception>
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
            return format with { Kind = DatasetKind.Delimited, Delimiter = '\t' };
        foreach (char delimiter in Delimiters)
        {
            if (first.Contains(delimiter))
                return format with { Kind = DatasetKind.Delimited, Delimiter = delimiter };
        }

        return IsAdjacency(sample)
            ? format with { Kind = DatasetKind.Adjacency }
            : throw new DataFormatException(
                lines.File,
                1,
                "lines of 'user item item ...' with integers, columns separated by a comma, semicolon or tab, or "
                    + "'user::item::rating' (for anything else choose the kind and the delimiter)",
                DataFormatException.Quote(Encoding.UTF8.GetBytes(first)));
    }

    private static List<string> ReadSample(ByteLines lines)
    {
        var sample = new List<string>();
        while (sample.Count < SampleLines && lines.TryRead(out var line))
        {
            if (!line.IsEmpty)
                sample.Add(Encoding.UTF8.GetString(line));
        }

        return sample;
    }

    private static bool IsAdjacency(List<string> sample) =>
        sample.All(line => line.All(c => c is ' ' or '\t' || char.IsAsciiDigit(c)));
}
