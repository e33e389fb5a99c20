namespace Bet.Bench.Scale;

/// <summary>docs/scale.md, from measured rows, so that no number there was typed by hand.</summary>
public static class ScalePage
{
    private const double Mega = 1e6;

    private const string Introduction =
        """
        # Scale

        Written by `Bet.Bench scale`; do not edit. How time and memory grow with the data: generated sets (see
        `SyntheticData` for their distributions), users and items together a tenth of the interactions, half of which
        train. Every row is a process of its own that generates, splits, trains a few steps with the default batch and
        ranks all items for a sample of users.

            dotnet run -c Release --project Bet.Bench -- scale --json bench/results/NAME-scale.json

        Nanoseconds are processor time an interaction: generating and splitting run on one thread; of a step it is the
        least of the warm steps, of all threads together, over its batch. Seconds are wall time. The batch follows the data (a hundredth of the
        training interactions, as a power of two), so that a step's share of the work over all rows and all edges stays
        the same an interaction; rounding up to the power of two makes epochs of 50 to 100 steps, and the numbers of
        neighbouring sizes go up and down with that. "Step over train" is the same time over all training interactions,
        without that effect: most of a step goes over all rows (Adam) and all edges (propagation).
        Peak is the process's high-water mark of resident memory.
        """;

    private const string Held =
        """

        ## What is held

        `MemoryEstimate.Of(TrainingShape)` gives these components before anything is read. In bytes, for u users, i items,
        n interactions of which t train, b interactions a step (and as many again as an epoch's last step has), rows of d
        values. The peak is the larger of the two phases. Best weights are not kept in these measurements, so they are 0.
        Not in the formulas: 8 bytes an interaction for timestamps where they are read, and the text reader's own arrays.
        """;

    public static void Write(string path, IReadOnlyList<ScaleRow> rows)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = new StreamWriter(path) { NewLine = "\n" };
        writer.WriteLine(Introduction);
        foreach (var machine in rows.GroupBy(row => row.Machine))
        {
            writer.WriteLine();
            writer.WriteLine($"{machine.Key}. Commit {string.Join(", ", machine.Select(row => row.Commit).Distinct())}, "
                + $"{machine.Max(row => row.Date)}.");
            writer.WriteLine();
            WriteHeader(writer);
            foreach (var row in machine)
                WriteRow(writer, row);
        }

        writer.WriteLine(Held);
        foreach (var row in rows.GroupBy(row => row.Backbone).Select(group => group.MaxBy(row => row.Interactions)!))
            WriteComponents(writer, row);
    }

    public static void WriteHeader(TextWriter writer)
    {
        writer.WriteLine("| backbone, d, threads | interactions | entities | batch | generate, ns | split, ns | step, ns | step over train, ns | build, s | "
            + "step, s | rank, s for users | peak splitting, MB | peak, MB | estimate, MB | peak / estimate |");
        writer.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    }

    public static void WriteRow(TextWriter writer, ScaleRow row) => writer.WriteLine(
        $"| {row.Backbone}, {row.Columns}, {row.Threads} | {row.Interactions:N0} | {row.Users + row.Items:N0} | {row.Batch:N0} | "
        + $"{row.GenerateNanoseconds:F0} | {row.PrepareNanoseconds:F0} | {row.StepNanoseconds:F0} | {row.StepNanosecondsOfTrain:F1} | {row.BuildSeconds:F1} | "
        + $"{row.StepSeconds:F3} | {row.RankSeconds:F2} for {row.RankedUsers} | {row.PreparePeakBytes / Mega:N0} | "
        + $"{row.PeakBytes / Mega:N0} | {row.EstimatedBytes / Mega:N0} | {row.Ratio:F2} |");

    private static void WriteComponents(StreamWriter writer, ScaleRow row)
    {
        writer.WriteLine();
        writer.WriteLine($"{row.Backbone}, {row.Interactions:N0} interactions, d = {row.Columns}, {row.Layers} layers:");
        writer.WriteLine();
        writer.WriteLine("| component | bytes | splitting, MB | training, MB |");
        writer.WriteLine("|---|---|---:|---:|");
        foreach (var part in row.Components)
            writer.WriteLine($"| {part.Name} | {part.Formula} | {part.Preparing / Mega:N1} | {part.Training / Mega:N1} |");
        writer.WriteLine($"| together | | {row.EstimatedPrepareBytes / Mega:N1} | "
            + $"{row.Components.Sum(part => part.Training) / Mega:N1} |");
    }
}
