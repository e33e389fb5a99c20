using Bet.Engine.Data;

namespace Bet.Engine.Search;

/// <summary>
/// Ways to choose sizes without a search, by name: the rows that a found table is compared with, under the same budget, in
/// the same precision, trained the same way. A new one is a line here.
/// </summary>
public static class ComparedSizes
{
    /// <summary>Every row alike.</summary>
    public const string Uniform = "uniform";

    /// <summary>One action of the paper's families, drawn blindly.</summary>
    public const string Random = "random";

    /// <summary>
    /// Sizes in proportion to a power of the frequency (Ginart, Naumov, Mudigere, Yang and Zou: "Mixed dimension
    /// embeddings", ISIT 2021), one factor for both sides.
    /// </summary>
    public const string PowerRule = "power-rule";

    /// <summary>The exponent of the power rule.</summary>
    private const double Exponent = 0.3;

    private static readonly Dictionary<string, Func<SizeSampler, PreparedDataset, TableSizes>> Entries = new()
    {
        [Uniform] = (sampler, _) => sampler.Uniform(),
        [Random] = (sampler, _) => sampler.Draw(trial: 0, candidate: 0).Sizes,
        [PowerRule] = (sampler, data) => ByFrequency(sampler, data),
    };

    public static IReadOnlyCollection<string> Names => Entries.Keys;

    /// <summary>The sizes of that name, in the precision of a found table.</summary>
    internal static TableSizes Of(string name, MemoryBudget budget, ulong seed, TableSizes found, PreparedDataset data) =>
        Entries[name](new SizeSampler(budget, seed, new(found.Users.Precision, found.Items.Precision)), data);

    private static TableSizes ByFrequency(SizeSampler sampler, PreparedDataset data)
    {
        double[] users = Powers(data.Train.UserFrequencies()), items = Powers(data.Train.ItemFrequencies());
        double share = users.Sum() / (users.Sum() + items.Sum());
        return sampler.Of(share, x => RowsOfAtLeast(users, x), x => RowsOfAtLeast(items, x));
    }

    /// <summary>A row that training does not know is taken for one that it met once.</summary>
    private static double[] Powers(int[] frequencies) =>
        [.. frequencies.Select(frequency => Math.Pow(Math.Max(1, frequency), Exponent))];

    /// <summary>How many of the falling values are at least x.</summary>
    private static int RowsOfAtLeast(double[] falling, double x)
    {
        int low = 0, high = falling.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (falling[middle] >= x)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
