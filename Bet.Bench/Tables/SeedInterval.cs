namespace Bet.Bench.Tables;

/// <summary>How sure the mean over a few seeds is.</summary>
public static class SeedInterval
{
    /// <summary>97.5 % of Student's distribution, by degrees of freedom from 1.</summary>
    private static readonly double[] Quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

    /// <summary>
    /// Half of Student's 95 % interval of the mean of two values or more, one of each seed. Beyond ten it takes the quantile of ten, which is
    /// a little wide.
    /// </summary>
    public static double HalfOf(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        double deviation = Math.Sqrt(values.Sum(value => Math.Pow(value - mean, 2)) / (values.Count - 1));
        return Quantiles[Math.Min(values.Count - 1, Quantiles.Length) - 1] * deviation / Math.Sqrt(values.Count);
    }
}
