using System.Text;

namespace Bet.Engine.Data;

/// <summary>The first records of a delimited file as texts, from which it is told what its columns mean.</summary>
/// <param name="First">The first record: a header, or data.</param>
/// <param name="Rows">The records behind it.</param>
internal sealed record DelimitedSample(string[] First, IReadOnlyList<string[]> Rows)
{
    private const int Records = 64;
    private const int Bytes = 1 << 20;

    /// <summary>Of a file at its beginning; null where it has no record.</summary>
    public static DelimitedSample? Read(ByteLines lines, char delimiter)
    {
        var records = new DelimitedRecords(lines, delimiter);
        var sample = new List<string[]>();
        int bytes = 0;
        while (sample.Count < Records && bytes < Bytes && records.TryRead(out var line))
        {
            sample.Add(records.Texts(line));
            bytes += line.Length;
        }

        return sample.Count == 0 ? null : new DelimitedSample(sample[0], sample[1..]);
    }

    /// <summary>What stands below a field of the first record, as UTF-8.</summary>
    public byte[][] Below(int column) =>
        [.. Rows.Where(row => column < row.Length).Select(row => Encoding.UTF8.GetBytes(row[column]))];
}
