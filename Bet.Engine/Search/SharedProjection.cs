namespace Bet.Engine.Search;

/// <summary>
/// Sizes of a side whose least frequent rows may own nothing (d_min = 0) and share a vector with their neighbours in rank. What
/// shared vectors take is set aside first; where all rows have values there are none.
/// </summary>
internal static class SharedProjection
{
    /// <summary>The share of a side's budget, one in so many, that its shared vectors take, but for at least a value each.</summary>
    private const int BudgetsPart = 16;

    /// <summary>The least that a side can do with: a value for every bucket.</summary>
    public static long Least(int rows, SizeCost cost) => Math.Min(SideSizes.MostSharedRows, rows) * cost.Of(1);

    /// <param name="rows">Rows of the side.</param>
    /// <param name="rowsOfAtLeast">See <see cref="BudgetProjection"/>.</param>
    /// <param name="budget">At least <see cref="Least"/>.</param>
    /// <param name="maximum">d_max.</param>
    /// <param name="cost">What sizes take of the budget.</param>
    public static SideSizes Project(int rows, Func<double, int> rowsOfAtLeast, long budget, int maximum, SizeCost cost)
    {
        long most = rows * cost.Of(maximum);
        long ofVector = (budget / BudgetsPart / SideSizes.MostSharedRows) - cost.OfRow;
        int sharedSize = (int)Math.Clamp(ofVector / cost.OfValue, 1, maximum);
        // With more set aside fewer rows have values, so that there may be more buckets; at most eight times.
        for (int setAside = 0; ;)
        {
            long left = Math.Min(budget - (setAside * cost.Of(sharedSize)), most);
            var sizes = BudgetProjection.Project(rows, rowsOfAtLeast, left, 0, maximum, cost);
            if (sizes.RowsOfSize[0] == 0)
                return sizes;
            sizes = sizes with { SharedSize = sharedSize };
            if (sizes.SharedRows <= setAside)
                return sizes;
            setAside = sizes.SharedRows;
        }
    }
}
