namespace Bet.Engine.Search;

/// <summary>
/// Sizes in proportion to a power of the frequency (Ginart, Naumov, Mudigere, Yang and Zou: "Mixed dimension embeddings",
/// ISIT 2021), one factor for both sides.
/// </summary>
internal static class SizesByFrequency
{
    /// <summary>The exponent of the power rule.</summary>
    private const double Exponent = 0.3;

    public static TableSizes Of(ComparedContext context)
    {
        double[] users = Powers(context.Data.Train.UserFrequencies()), items = Powers(context.Data.Train.ItemFrequencies());
        double share = users.Sum() / (users.Sum() + items.Sum());
        return context.Sampler.Of(
            share, x => FallingValues.CountAtLeast(users, x), x => FallingValues.CountAtLeast(items, x));
    }

    /// <summary>A row that training does not know is taken for one that it met once.</summary>
    private static double[] Powers(int[] frequencies) =>
        [.. frequencies.Select(frequency => Math.Pow(Math.Max(1, frequency), Exponent))];
}
