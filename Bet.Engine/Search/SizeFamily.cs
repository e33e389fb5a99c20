using Bet.Engine.Compute;

namespace Bet.Engine.Search;

/// <summary>
/// The distributions from which the sizes of one side are drawn before they are scaled to its budget (BET, section 3.3).
/// Each has one parameter, uniform in (0, beta_max); only the shape matters, as values are normalised.
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

/// <summary>Draws of a <see cref="SizeFamily"/>.</summary>
internal static class SizeFamilies
{
    public const int Count = 4;

    /// <summary>Positions of the stream kept for one value: redraws of the truncated normal.</summary>
    private const int PositionsPerValue = 16;

    public static double LargestParameter(SizeFamily family) => family switch
    {
        SizeFamily.PowerLaw => 20,
        SizeFamily.TruncatedNormal => 20,
        SizeFamily.TruncatedExponential => 5,
        SizeFamily.LogNormal => 0.5,
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, null),
    };

    /// <summary>The family's name as reports show it: "powerLaw".</summary>
    public static string Name(SizeFamily family) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(family.ToString());

    /// <summary>Draws a value for every place, then sorts them to fall.</summary>
    public static void DrawFalling(SizeFamily family, double parameter, Philox random, Span<double> values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = -Draw(family, parameter, random, (ulong)i * PositionsPerValue);
        values.Sort();
        for (int i = 0; i < values.Length; i++)
            values[i] = -values[i];
    }

    private static double Draw(SizeFamily family, double parameter, Philox random, ulong position) => family switch
    {
        SizeFamily.PowerLaw => Math.Pow(random.Uniform(position), 1 / parameter),
        SizeFamily.TruncatedNormal => PositiveNormal(parameter, random, position),
        SizeFamily.TruncatedExponential =>
            -Math.Log(1 - (random.Uniform(position) * (1 - Math.Exp(-parameter)))) / parameter,
        SizeFamily.LogNormal => Math.Exp(parameter * random.Normals(position).First),
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, null),
    };

    /// <summary>The first positive draw; the last one's absolute value where all were negative (one in 2^32 at worst).</summary>
    private static double PositiveNormal(double mean, Philox random, ulong position)
    {
        double last = 0;
        for (ulong attempt = 0; attempt < PositionsPerValue; attempt++)
        {
            var (first, second) = random.Normals(position + attempt);
            if (mean + first > 0)
                return mean + first;
            last = mean + second;
            if (last > 0)
                return last;
        }

        return Math.Abs(last);
    }
}
