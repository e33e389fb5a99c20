using System.Globalization;

namespace Bet.Bench.Clicks;

/// <summary>The table of very many categories in docs/results.md, from the lines of <c>click-scale</c>.</summary>
public static class ClickScaleTable
{
    private const string Introduction =
        """

        ## Scale

        Written by `Bet.Bench click-scale` from `bench/results/clicks-scale.jsonl`, a row a line. Again:

            dotnet run -c Release --project Bet.Bench -- click-scale
            dotnet run -c Release --project Bet.Bench -- click-scale --peer

        Generated data of Criteo's shape, 13 numbers and 26 fields, skewed; DLRM (512-256-64-16, inner products of all pairs,
        512-256-1) with d = 16, trained by Adagrad, no validation; samples are drawn beforehand and not counted. Samples a second
        are the median of the runs, in brackets the least and the most. Bytes of tables are those that a server holds; Adagrad
        keeps as many values again. Peak memory is all that the process held, drawn samples included. The peer is PyTorch on the
        processor, `bench/peers/dlrm.py`: the same model with full tables, the same first values and batches, run in turn with ours on
        the same number of threads; its batches are tensors beforehand, while ours are gathered inside the time. Load is
        the machine's average over a minute as the runs begin and end: where it is above the number of threads, other work shared the
        cores, and samples a second are lower, and less certain, than those of an idle machine. PyTorch's
        threads sleep while they wait (OMP_WAIT_POLICY=PASSIVE, unless it is set); where they spin, as by default, two of them were
        several times slower beside other work.
        """;

    private const string Head =
        "| categories | method | collisions | bytes of tables | batch | threads | samples a second | peak memory, MB | peer's samples a second | times as fast | loss | peer's loss | load | commit | date |";

    public static string Results { get; } = Path.Combine(Repository.Root, "bench", "results", "clicks-scale.jsonl");

    /// <summary>Nothing where there is no such file.</summary>
    public static void Write(TextWriter writer, string file)
    {
        var rows = ResultLines.Read<ClickScaleRow>(file);
        if (rows.Count == 0)
            return;
        writer.WriteLine(Introduction);
        writer.WriteLine();
        writer.WriteLine(Head);
        writer.WriteLine("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|---|---|");
        foreach (var row in rows)
        {
            string ratio = row.PeerSamplesPerSecond is { } theirs ? Text($"{Median(row.SamplesPerSecond) / Median(theirs):0.0}") : "";
            writer.WriteLine(Text($"| {row.Categories:N0} | {row.Method} | {row.Collisions} | {row.TableBytes:N0} | {row.Batch} | {row.Threads} | {Speeds(row.SamplesPerSecond)} | {row.PeakBytes / 1e6:N0} | {Speeds(row.PeerSamplesPerSecond)} | {ratio} | {Losses(row.LossBefore, row.LossAfter)} | {Losses(row.PeerLossBefore, row.PeerLossAfter)} | {string.Join(" to ", row.Load.Select(load => Text($"{load:0.0}")))} | {row.Commit} | {row.Date} |"));
        }

        writer.WriteLine();
        foreach (string words in rows.Select(row => row.Machine).Concat(rows.Select(row => row.Peer).OfType<string>()).Distinct())
            writer.WriteLine($"- {words}.");
    }

    private static string Losses(double? before, double? after) => before is null ? "" : Text($"{before:0.0000} to {after:0.0000}");

    private static string Speeds(IReadOnlyList<double>? speeds) =>
        speeds is null ? "" : Text($"{Median(speeds):N0} ({speeds.Min():N0} to {speeds.Max():N0})");

    private static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
