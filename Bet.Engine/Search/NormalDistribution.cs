namespace Bet.Engine.Search;

/// <summary>The normal distribution of mean 0 and deviation 1.</summary>
internal static class NormalDistribution
{
    /// <summary>The density at x.</summary>
    public static double Density(double x) => Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);

    /// <summary>
    /// The normal distribution function by Hart's rational approximation (Computer Approximations, 1968, algorithm 5666,
    /// as in West: "Better approximations to cumulative normal functions", Wilmott 2005): 15 digits. Beyond 7 deviations,
    /// where less than 2e-12 is left, 0 or 1.
    /// </summary>
    public static double Below(double x)
    {
        double z = Math.Abs(x);
        if (z >= 7)
            return x > 0 ? 1 : 0;
        double above = (((((((3.52624965998911e-2 * z) + 0.700383064443688) * z) + 6.37396220353165) * z
            + 33.912866078383) * z + 112.079291497871) * z + 221.213596169931) * z + 220.206867912376;
        double below = ((((((((8.83883476483184e-2 * z) + 1.75566716318264) * z) + 16.064177579207) * z
            + 86.7807322029461) * z + 296.564248779674) * z + 637.333633378831) * z + 793.826512519948) * z
            + 440.413735824752;
        double tail = Math.Exp(-0.5 * z * z) * above / below;
        return x > 0 ? 1 - tail : tail;
    }
}
