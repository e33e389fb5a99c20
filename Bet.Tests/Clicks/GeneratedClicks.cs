using Bet.Engine.Clicks;

namespace Bet.Tests.Clicks;

/// <summary>Clicks whose odds follow from every field, from the first number and from a product of the first two fields.</summary>
internal static class GeneratedClicks
{
    /// <summary>Categories of the fields.</summary>
    public static readonly int[] Categories = [30, 20, 10];

    public static PreparedClicks Create(int train, int others, int numbers) => new()
    {
        NumberNames = [.. Enumerable.Range(0, numbers).Select(place => $"n{place}")],
        Fields = [],
        Train = Rows(train, numbers, 1),
        Validation = Rows(others, numbers, 2),
        Test = Rows(others, numbers, 3),
        SplitHash = "generated",
    };

    public static ClickRows Rows(int count, int numbers, int seed)
    {
        var truth = new Random(0);
        double[][] main = [.. Categories.Select(n => Enumerable.Range(0, n).Select(_ => (2 * truth.NextDouble()) - 1).ToArray())];
        var random = new Random(seed);
        var rows = new ClickRows(new byte[count], new float[count * numbers], new int[count * Categories.Length]);
        for (int i = 0; i < count; i++)
        {
            var categories = rows.Categories.AsSpan(i * Categories.Length, Categories.Length);
            double logOdds = -1;
            for (int field = 0; field < Categories.Length; field++)
            {
                categories[field] = random.Next(Categories[field]);
                logOdds += main[field][categories[field]];
            }

            logOdds += 4 * main[0][categories[0]] * main[1][categories[1]];
            for (int place = 0; place < numbers; place++)
                rows.Numbers[(i * numbers) + place] = (2 * random.NextSingle()) - 1;
            if (numbers > 0)
                logOdds += 1.5 * rows.Numbers[i * numbers];
            rows.Labels[i] = (byte)(random.NextDouble() < 1 / (1 + Math.Exp(-logOdds)) ? 1 : 0);
        }

        return rows;
    }
}
