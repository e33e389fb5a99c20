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

    private static string Cell(double? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? "-";
}
