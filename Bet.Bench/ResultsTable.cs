using System.Globalization;

namespace Bet.Bench;

/// <summary>Results as a table of Markdown, which a terminal shows well enough.</summary>
public static class ResultsTable
{
    public static void WriteHeader(TextWriter writer)
    {
        writer.WriteLine("| measure    |  ours, ms |  peer, ms | times as fast | detail | peer |");
        writer.WriteLine("|------------|----------:|----------:|--------------:|--------|------|");
    }

    public static void WriteRow(TextWriter writer, ComparisonRow row) => writer.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {row.Name,-10} | {row.OursMs,9:F2} | {Cell(row.PeerMs),9} | {Cell(row.Ratio),13} | {row.Detail} | {row.Peer} |"));

    /// <summary>The rows that compare memory too, once more with that; nothing where there are none.</summary>
    public static void WriteMemory(TextWriter writer, IEnumerable<ComparisonRow> rows)
    {
        var measured = rows.Where(row => row.OursMb is not null).ToList();
        if (measured.Count == 0)
            return;
        writer.WriteLine();
        writer.WriteLine("| most memory held | ours, MB | peer, MB | times as small | peer |");
        writer.WriteLine("|------------------|---------:|---------:|---------------:|------|");
        foreach (var row in measured)
        {
            writer.WriteLine(
                $"| {row.Name,-16} | {Cell(row.OursMb),8} | {Cell(row.PeerMb),8} | {Cell(row.PeerMb / row.OursMb),14} | {row.Peer} |");
        }
    }

    private static string Cell(double? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? "-";
}
