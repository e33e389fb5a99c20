using System.Globalization;

namespace Bet.Bench.Profiling;

/// <summary>What a profile was taken on, and what came out.</summary>
/// <param name="Machine">Processor and backend.</param>
/// <param name="Commit">State of the sources.</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Date">UTC.</param>
/// <param name="Detail">Data, sizes, steps.</param>
/// <param name="Limits">Of the machine, measured beside the steps.</param>
/// <param name="Steps">One a backbone.</param>
public sealed record PerformanceResult(
    string Machine, string Commit, ulong Seed, string Date, string Detail, MachineLimits Limits,
    IReadOnlyList<StepProfile> Steps);

/// <summary>docs/performance.md: where a training step's time goes, operation by operation.</summary>
public static class PerformancePage
{
    private const string Introduction =
        """
        # Where a training step's time goes

        Written by `Bet.Bench profile` from `bench/results/profile/*.json`; do not edit. Again, on this machine:

            dotnet run -c Release --project Bet.Bench -- profile --json bench/results/profile/NAME.json

        A table has every operation of the backend that a warm step runs. GB/s are the bytes that the shapes say must be
        read and written, over the time: every input and destination once and, of a sparse product, a row for every
        non-zero. The limit is the machine's own, measured between the steps: what memory moves at best (copying, changing in
        place or reading), or a dense product where floating-point operations would take longer than the bytes; "of it" is
        the time at that limit over the time taken, above 100 % where the caches served what memory need not. Of the steps
        only the fastest quarter counts, on average.
        """;

    public static void Write(string path, IEnumerable<PerformanceResult> results)
    {
        using var writer = new StreamWriter(path) { NewLine = "\n" };
        writer.WriteLine(Introduction);
        foreach (var result in results)
        {
            foreach (var step in result.Steps)
            {
                WriteSection(writer, step, result.Limits);
                writer.WriteLine();
                writer.WriteLine(Circumstances(result));
            }
        }
    }

    public static void WriteSection(TextWriter writer, StepProfile step, MachineLimits limits)
    {
        writer.WriteLine();
        writer.WriteLine($"## {step.Backbone}");
        writer.WriteLine();
        writer.WriteLine("| operation | calls a step | ms a step | share | GB/s | GFLOP/s | limit | of it |");
        writer.WriteLine("|-----------|-------------:|----------:|------:|-----:|--------:|-------|------:|");
        foreach (var (name, work) in step.Operations)
        {
            writer.WriteLine(Invariant($"| {name} | {work.Calls:0.#} | {work.Milliseconds:0.00} | {Share(work.Milliseconds, step)} | {work.Bytes / work.Milliseconds / 1e6:0.0} | {work.FloatingPoint / work.Milliseconds / 1e6:0.0} | {(limits.IsComputeBound(work) ? "compute" : "memory")} | {limits.LeastMilliseconds(work) / work.Milliseconds:0 %} |"));
        }

        writer.WriteLine(Invariant($"| drawing the batch | | {step.SamplingMilliseconds:0.00} | {Share(step.SamplingMilliseconds, step)} | | | | |"));
        writer.WriteLine(Invariant($"| between operations | | {step.OtherMilliseconds:0.00} | {Share(step.OtherMilliseconds, step)} | | | | |"));
        writer.WriteLine(Invariant($"| **the step** | | **{step.Milliseconds:0.00}** | | | | | |"));
        writer.WriteLine();
        writer.WriteLine(Closing(step, limits));
    }

    /// <summary>What takes longest, how far it is from its limit, and where most could be won.</summary>
    private static string Closing(StepProfile step, MachineLimits limits)
    {
        string timing = Invariant($"Without the profile a step takes {step.PlainMilliseconds:0.0} ms.");
        if (step.Operations.Count == 0)
            return timing;
        var (longest, cost) = step.Operations[0];
        double ofLimit = limits.LeastMilliseconds(cost) / cost.Milliseconds;
        string bound = limits.IsComputeBound(cost) ? "what a large dense product reaches" : "what memory moves at best";
        string distance = ofLimit >= 1
            ? Invariant($"{ofLimit:0.0} times {bound}, as the caches serve much of it: fewer bytes would make it faster")
            : Invariant($"{ofLimit:0 %} of {bound}");
        var (furthest, gain) = step.Operations
            .Select(operation => (operation.Name, Gain: operation.Work.Milliseconds - limits.LeastMilliseconds(operation.Work)))
            .MaxBy(operation => operation.Gain);
        string next = gain > 0
            ? Invariant($" Most could be won in {furthest}: {gain:0.0} ms if it reached its limit.")
            : "";
        return Invariant($"The next bottleneck is {longest}: {cost.Milliseconds:0.0} of {step.Milliseconds:0.0} ms, at {distance}.{next} {timing}");
    }

    private static string Circumstances(PerformanceResult result) =>
        $"{result.Machine}. Commit {result.Commit}, seed {result.Seed}, {result.Date}. {result.Detail}. "
        + Invariant($"Memory: {result.Limits.CopyGigabytes:0} GB/s copying, {result.Limits.UpdateGigabytes:0} changing in place, ")
        + Invariant($"{result.Limits.ReadGigabytes:0} reading; dense products: {result.Limits.GemmGigaflops:0} GFLOP/s.");

    private static string Share(double milliseconds, StepProfile step) => Invariant($"{milliseconds / step.Milliseconds:0.0 %}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
