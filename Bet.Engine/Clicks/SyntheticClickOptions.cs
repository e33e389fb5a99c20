namespace Bet.Engine.Clicks;

/// <summary>What generated click data look like.</summary>
/// <param name="Categories">Categories of each field, [F], each at least 1; those that no row happens to have are not in a set.</param>
/// <param name="Numbers">D, numeric columns.</param>
/// <param name="Rows">Exactly so many.</param>
/// <param name="Seed">Same options, same data.</param>
public sealed record SyntheticClickOptions(IReadOnlyList<int> Categories, int Numbers, int Rows, ulong Seed = 0)
{
    /// <summary>Categories of the 26 fields of Criteo's seven days, 33.8 million in all.</summary>
    private static readonly int[] CriteoCategories =
    [
        1460, 583, 10131227, 2202608, 305, 24, 12517, 633, 3, 93145, 5683, 8351593, 3194,
        27, 14992, 5461306, 10, 5652, 2173, 4, 7046547, 18, 15, 286181, 105, 142572,
    ];

    /// <summary>Share of label 1 that is to be expected.</summary>
    public double PositiveShare { get; init; } = 0.25;

    /// <summary>Standard deviation of the log odds over rows: how much of a label the row decides.</summary>
    public double Signal { get; init; } = 1.5;

    /// <summary>Criteo's shape: 13 numbers and 26 fields of very different sizes.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="categories">Of all fields together; the fields keep their proportions, the small ones their size.</param>
    /// <param name="seed">Same options, same data.</param>
    public static SyntheticClickOptions Criteo(int rows, int categories = 30_000_000, ulong seed = 0)
    {
        const int small = 1000;
        long kept = CriteoCategories.Sum(size => Math.Min(size, small));
        double scale = Math.Max(0, (categories - kept) / (double)(CriteoCategories.Sum(size => (long)size) - kept));
        var sizes = Array.ConvertAll(CriteoCategories, size => Math.Min(size, small) + (int)(Math.Max(0, size - small) * scale));
        int largest = Array.IndexOf(sizes, sizes.Max());
        sizes[largest] = (int)Math.Max(1, sizes[largest] + categories - sizes.Sum(size => (long)size));
        return new SyntheticClickOptions(sizes, 13, rows, seed);
    }

    /// <exception cref="ArgumentException">A value makes no sense; the message says which.</exception>
    public void Validate()
    {
        if (Categories.Count == 0 && Numbers == 0)
            throw new ArgumentException("Click data need a field or a number.");
        if (Categories.Any(size => size < 1))
            throw new ArgumentException($"Every field needs at least 1 category, not {Categories.Min()}.");
        if (Numbers < 0 || Rows < 1)
            throw new ArgumentException($"Numbers must be at least 0 and Rows at least 1, not {Numbers} and {Rows}.");
        if (!(PositiveShare > 0 && PositiveShare < 1))
            throw new ArgumentException($"PositiveShare must lie between 0 and 1, both excluded; it is {PositiveShare}.");
        if (!(Signal >= 0 && Signal <= 10))
            throw new ArgumentException($"Signal must lie between 0 and 10; it is {Signal}.");
    }
}
