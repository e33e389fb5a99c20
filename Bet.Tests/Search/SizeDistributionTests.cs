using Bet.Engine.Search;

namespace Bet.Tests.Search;

public sealed class SizeDistributionTests
{
    private const int Intervals = 200_000;

    [Theory]
    [InlineData(SizeFamily.PowerLaw, 0.7)]
    [InlineData(SizeFamily.PowerLaw, 20)]
    [InlineData(SizeFamily.TruncatedNormal, 0.01)]
    [InlineData(SizeFamily.TruncatedNormal, 3)]
    [InlineData(SizeFamily.TruncatedNormal, 20)]
    [InlineData(SizeFamily.TruncatedExponential, 0.3)]
    [InlineData(SizeFamily.TruncatedExponential, 5)]
    [InlineData(SizeFamily.LogNormal, 0.05)]
    [InlineData(SizeFamily.LogNormal, 0.5)]
    public void Survival_is_the_integral_of_the_density(SizeFamily family, double parameter)
    {
        var distribution = new SizeDistribution(family, parameter);
        double end = family is SizeFamily.TruncatedNormal ? parameter + 12 : family is SizeFamily.LogNormal ? Math.Exp(8 * parameter) : 1;
        double whole = Integral(x => Density(family, parameter, x), 1e-3, end) + Integral(x => Density(family, parameter, x), 0, 1e-3);
        foreach (double share in (double[])[0.003, 0.05, 0.1, 0.35, 0.6, 0.8, 0.99])
        {
            double expected = Integral(x => Density(family, parameter, x), share * end, end) / whole;
            Assert.InRange(distribution.Survival(share * end) - expected, -2e-3 * Coarse(family, parameter) - 1e-8, 2e-3 * Coarse(family, parameter) + 1e-8);
        }
    }

    [Theory]
    [InlineData(SizeFamily.PowerLaw)]
    [InlineData(SizeFamily.TruncatedNormal)]
    [InlineData(SizeFamily.TruncatedExponential)]
    [InlineData(SizeFamily.LogNormal)]
    public void Survival_falls_from_one_to_zero(SizeFamily family)
    {
        foreach (double part in (double[])[1e-9, 0.01, 0.5, 1])
        {
            var distribution = new SizeDistribution(family, part * SizeDistribution.LargestParameter(family));
            double before = 1;
            for (double x = 1e-3; x < 100; x *= 1.07)
            {
                double at = distribution.Survival(x);
                Assert.InRange(at, 0, before + 1e-14);
                before = at;
            }

            Assert.Equal(0, before);
        }
    }

    [Fact]
    public void Names_are_those_of_reports() =>
        Assert.Equal(
            ["powerLaw", "truncatedNormal", "truncatedExponential", "logNormal"],
            Enumerable.Range(0, SizeDistribution.Families).Select(family => new SizeDistribution((SizeFamily)family, 1).Name));

    /// <summary>The density of a power below 1 is infinite at 0, where the sum of rectangles is coarse.</summary>
    private static double Coarse(SizeFamily family, double parameter) => family is SizeFamily.PowerLaw && parameter < 1 ? 1 : 0;

    /// <summary>Up to a factor.</summary>
    private static double Density(SizeFamily family, double parameter, double x) => family switch
    {
        SizeFamily.PowerLaw => Math.Pow(x, parameter - 1),
        SizeFamily.TruncatedNormal => Math.Exp(-0.5 * (x - parameter) * (x - parameter)),
        SizeFamily.TruncatedExponential => Math.Exp(-parameter * x),
        _ => Math.Exp(-0.5 * Math.Log(x) * Math.Log(x) / (parameter * parameter)) / x,
    };

    private static double Integral(Func<double, double> density, double from, double to)
    {
        double width = (to - from) / Intervals, sum = 0;
        for (int i = 0; i < Intervals; i++)
            sum += density(from + ((i + 0.5) * width));
        return sum * width;
    }
}
