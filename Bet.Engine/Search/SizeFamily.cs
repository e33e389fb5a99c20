namespace Bet.Engine.Search;

/// <summary>
/// The distributions of the sizes of one side before they are scaled to its budget (BET, section 3.3). Each has one
/// parameter, uniform in (0, beta_max); only the shape matters, as sizes are scaled.
/// The families and their beta_max are the paper's; how beta enters each density is our reading.
/// </summary>
public enum SizeFamily
{
    /// <summary>Density beta x^(beta - 1) on (0, 1): small beta, few large rows; large beta, nearly equal rows. beta_max = 20.</summary>
    PowerLaw,

    /// <summary>Normal with mean beta and deviation 1, cut at 0: large beta, nearly equal rows. beta_max = 20.</summary>
    TruncatedNormal,

    /// <summary>Density proportional to exp(-beta x) on (0, 1): large beta, few large rows. beta_max = 5.</summary>
    TruncatedExponential,

    /// <summary>exp(beta z) with z standard normal. beta_max = 0.5.</summary>
    LogNormal,
}

/// <summary>A family with its parameter.</summary>
/// <param name="Family">The family.</param>
/// <param name="Parameter">beta, in (0, beta_max].</param>
internal readonly record struct SizeDistribution(SizeFamily Family, double Parameter)
{
    /// <summary>How many families there are.</summary>
    public const int Families = 4;

    /// <summary>The family's name as reports show it: "powerLaw".</summary>
    public string Name => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(Family.ToString());

    public static double LargestParameter(SizeFamily family) => family switch
    {
        SizeFamily.PowerLaw => 20,
        SizeFamily.TruncatedNormal => 20,
        SizeFamily.TruncatedExponential => 5,
        SizeFamily.LogNormal => 0.5,
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, null),
    };

    /// <summary>The probability of a value of at least x, for a positive x.</summary>
    public double Survival(double x) => Family switch
    {
        SizeFamily.PowerLaw => x < 1 ? 1 - Math.Pow(x, Parameter) : 0,
        SizeFamily.TruncatedNormal => NormalBelow(Parameter - x) / NormalBelow(Parameter),
        SizeFamily.TruncatedExponential =>
            x < 1 ? (Math.Exp(-Parameter * x) - Math.Exp(-Parameter)) / (1 - Math.Exp(-Parameter)) : 0,
        SizeFamily.LogNormal => NormalBelow(-Math.Log(x) / Parameter),
        _ => throw new InvalidOperationException($"{Family} is not a family of sizes"),
    };

    /// <summary>
    /// The normal distribution function by Hart's rational approximation (Computer Approximations, 1968, algorithm 5666,
    /// as in West: "Better approximations to cumulative normal functions", Wilmott 2005): 15 digits. Beyond 7 deviations,
    /// where less than 2e-12 is left, 0 or 1.
    /// </summary>
    private static double NormalBelow(double x)
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
