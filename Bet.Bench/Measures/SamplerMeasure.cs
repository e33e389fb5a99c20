namespace Bet.Bench.Measures;

/// <summary>Draws 1,000 table size actions at 90 % sparsity, each exactly within the budget.</summary>
public static class SamplerMeasure
{
    private const int Actions = 1_000;

    public static Measure Measure { get; } = new("sampler", "table size actions drawn a second", Cases);

    private static IEnumerable<MeasureCase> Cases(Workload work)
    {
        var sizes = new SizesWorkload(work);
        int trial = 0;
        using var measured = new MeasureCase("sampler")
        {
            Ours = () =>
            {
                sizes.Sampler.DrawMany(++trial, Actions, work.Threads);
                return null;
            },
            Detail = ms => $"{work.Source}: {Actions} actions over {work.Data.EntityCount} entities, "
                + $"{Actions / ms * 1e3:F0} actions a second",
        };
        yield return measured;
    }
}
