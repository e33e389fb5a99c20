using System.Globalization;

namespace Bet.Bench.Clicks;

/// <summary>The table of reading large files in docs/results.md, from the lines of <c>click-read</c>.</summary>
public static class ClickReadTable
{
    private const string Introduction =
        """

        ## Reading

        Written by `Bet.Bench click-read` from `bench/results/clicks-read.jsonl`, a row a line: a generated file in Criteo's format, read
        line by line by one thread and split by its order into six sevenths and twice a fourteenth. What is kept takes 157 bytes a row, as read
        and again as split, and the ids; while it is read, up to twice the former. 45,840,617 rows are as many as Criteo's seven days have.

        | rows | text, MB | categories that occur | read, s | rows a second | held more while read, MB | split, s | held at most, MB | commit | date |
        |---:|---:|---:|---:|---:|---:|---:|---:|---|---|
        """;

    public static string Results { get; } = Path.Combine(Repository.Root, "bench", "results", "clicks-read.jsonl");

    /// <summary>Nothing where there is no such file.</summary>
    public static void Write(TextWriter writer, string file)
    {
        var rows = ResultLines.Read<ClickReadRow>(file);
        if (rows.Count == 0)
            return;
        writer.WriteLine(Introduction);
        foreach (var row in rows)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {row.Rows:N0} | {row.TextBytes / 1e6:N0} | {row.Seen:N0} | {row.ReadSeconds:0.0} | {row.Rows / row.ReadSeconds:N0} | {row.ReadPeakBytes / 1e6:N0} | {row.SplitSeconds:0.0} | {row.PeakBytes / 1e6:N0} | {row.Commit} | {row.Date} |"));
        }
    }
}
