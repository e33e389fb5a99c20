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
        SizeFamily.TruncatedNormal => NormalDistribution.Below(Parameter - x) / NormalDistribution.Below(Parameter),
        SizeFamily.TruncatedExponential =>
            x < 1 ? (Math.Exp(-Parameter * x) - Math.Exp(-Parameter)) / (1 - Math.Exp(-Parameter)) : 0,
        SizeFamily.LogNormal => NormalDistribution.Below(-Math.Log(x) / Parameter),
        _ => throw new InvalidOperationException($"{Family} is not a family of sizes"),
    };
}
