using System.Diagnostics;
using Bet.Engine.Search;

namespace Bet.Bench.Measures;

/// <summary>
/// A training step of LightGCN with the short rows of 90 % sparsity, from the sampler and of uniform sizes, beside ours
/// with full tables.
/// </summary>
public static class ShortRowsMeasure
{
    private const double Sparsity = 0.9;

    /// <summary>Draws of the sampler that one measured run goes through, a step each.</summary>
    private const int Draws = 6;

    /// <summary>Steps of a run, one right after the other.</summary>
    private const int StepsARun = 12;

    public static Measure Measure { get; } = new(
        "short-rows", "a training step of LightGCN at 90 % sparsity, of drawn and of uniform sizes",
        work => Sampled(work).Concat(Uniform(work)));

    private static IEnumerable<MeasureCase> Sampled(Workload work)
    {
        var sampler = new SizeSampler(Budget(work), work.Seed);
        return Cases(work, "sampled-90", [.. Enumerable.Range(0, Draws).Select(i => sampler.Draw(1, i).Sizes)]);
    }

    private static IEnumerable<MeasureCase> Uniform(Workload work) =>
        Cases(work, "uniform-90", [new SizeSampler(Budget(work), work.Seed).Uniform()]);

    private static MemoryBudget Budget(Workload work) => MemoryBudget.From(
        new BudgetRequest(Sparsity: Sparsity), work.Data.UserCount, work.Data.ItemCount, minimumSize: 1,
        RecommenderWork.Columns);

    private static IEnumerable<MeasureCase> Cases(Workload work, string name, TableSizes[] actions)
    {
        RecommenderWork[] recommenders = [.. actions.Select(sizes => new RecommenderWork(work, sizes: sizes))];
        using var measured = new MeasureCase(name, recommenders)
        {
            Repeats = StepsARun / actions.Length,
            Ours = () =>
            {
                foreach (var one in recommenders)
                    one.Step();
                return null;
            },
            Detail = ms => $"{work.Source}: LightGCN, batch {RecommenderWork.BatchSize}, {actions.Length} size action(s), widths "
                + $"{string.Join(", ", actions.Select(sizes => Math.Max(sizes.Users.Width, sizes.Items.Width)))}; "
                + $"{ms / actions.Length:F1} ms a step, {ms / actions.Length / FullStep(work):P0} of a step at full size",
        };
        yield return measured;
    }

    /// <summary>Median milliseconds of a step with full tables.</summary>
    private static double FullStep(Workload work)
    {
        const int steps = 15;
        using var full = new RecommenderWork(work);
        full.Step();
        var times = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            long start = Stopwatch.GetTimestamp();
            full.Step();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return times.Order().ElementAt(steps / 2);
    }
}
