namespace Bet.Engine.Search;

/// <summary>What sizes take of a budget, in its unit: so much a value, and so much a row that has values.</summary>
/// <param name="OfValue">At least 1.</param>
/// <param name="OfRow">At least 0.</param>
public readonly record struct SizeCost(long OfValue, long OfRow)
{
    /// <summary>Of a budget that counts values.</summary>
    public static SizeCost Values => new(1, 0);

    /// <summary>Of a row with so many values.</summary>
    public long Of(long size) => size == 0 ? 0 : (size * OfValue) + OfRow;
}

/// <summary>
/// Turns the shape of a side's values into sizes that meet a budget exactly: {sum = B, d_min &lt;= d_n &lt;= d_max}.
/// Nothing is rounded past the bound and nothing of it is left.
/// <para>
/// This is Webster's method of apportionment: sizes are the values times one scale, rounded to the nearest, within the
/// bounds, and the scale is the one at which they add up. As rows are in falling order, all that is needed of the values
/// is how many reach a bound: a scale is tried with d_max such questions, whatever the number of rows.
/// </para>
/// </summary>
public static class BudgetProjection
{
    /// <summary>The logarithms of the scales looked at lie within +- this, where exp neither overflows nor ends at 0.</summary>
    private const double LargestLogarithm = 700;

    /// <summary>
    /// Sizes proportional to the values, within [minimum, maximum], that add up to the budget. Where values are so equal
    /// that no scale meets it, the largest scale that stays below is taken, and what is left is one value more for a row
    /// after another, from the first.
    /// </summary>
    /// <param name="rows">Rows of the side.</param>
    /// <param name="rowsOfAtLeast">How many rows have a value of at least x, for a positive x; falls with x.</param>
    /// <param name="budget">From minimum * rows to maximum * rows.</param>
    /// <param name="minimum">d_min.</param>
    /// <param name="maximum">d_max.</param>
    /// <exception cref="ArgumentException">No sizes can add up to the budget.</exception>
    public static SideSizes Project(int rows, Func<double, int> rowsOfAtLeast, long budget, int minimum, int maximum) =>
        Project(rows, rowsOfAtLeast, budget, minimum, maximum, SizeCost.Values);

    /// <summary>
    /// The same for a budget that counts something else: sizes take at most so much of it, and less than another value, or
    /// another row with one, would take is left.
    /// </summary>
    public static SideSizes Project(
        int rows, Func<double, int> rowsOfAtLeast, long budget, int minimum, int maximum, SizeCost cost)
    {
        if (budget < rows * cost.Of(minimum) || budget > rows * cost.Of(maximum))
            throw new ArgumentException($"{rows} rows of {minimum} to {maximum} values cannot add up to {budget}");
        // rowsFrom[d] rows have a size of at least d.
        var rowsFrom = new int[maximum + 2];
        rowsFrom.AsSpan(0, minimum + 1).Fill(rows);
        long total = Scale(rowsFrom, rowsOfAtLeast, budget, minimum, cost);
        var counts = new int[maximum + 1];
        for (int size = 0; size <= maximum; size++)
            counts[size] = rowsFrom[size] - rowsFrom[size + 1];
        GiveRest(counts, budget - total, cost);
        return new SideSizes(counts);
    }

    /// <summary>
    /// Rounds at the largest scale whose total does not exceed the budget, found by bisection of its logarithm. Totals
    /// rise with the scale, so sizes with the total looked for are the same wherever it is met. Returns the total.
    /// </summary>
    private static long Scale(int[] rowsFrom, Func<double, int> rowsOfAtLeast, long budget, int minimum, SizeCost cost)
    {
        double low = -LargestLogarithm, high = LargestLogarithm;
        while (true)
        {
            double middle = 0.5 * (low + high);
            bool narrowest = middle <= low || middle >= high;
            long total = Round(narrowest ? low : middle, rowsFrom, rowsOfAtLeast, minimum, cost);
            if (total == budget || narrowest)
                return total;
            if (total < budget)
                low = middle;
            else
                high = middle;
        }
    }

    /// <summary>A row has a size of at least d where scale * value is at least d - 1/2. Returns what all sizes take.</summary>
    private static long Round(
        double logarithm, int[] rowsFrom, Func<double, int> rowsOfAtLeast, int minimum, SizeCost cost)
    {
        double inverse = Math.Exp(-logarithm);
        long total = rowsFrom[0] * cost.Of(minimum);
        rowsFrom.AsSpan(minimum + 1).Clear();
        for (int size = minimum + 1; size < rowsFrom.Length - 1 && rowsFrom[size - 1] > 0; size++)
        {
            rowsFrom[size] = Math.Clamp(rowsOfAtLeast((size - 0.5) * inverse), 0, rowsFrom[size - 1]);
            total += rowsFrom[size] * (size == 1 ? cost.Of(1) : cost.OfValue);
        }

        return total;
    }

    /// <summary>One value more for the rows below the maximum, largest sizes first, round after round until none can be paid.</summary>
    private static void GiveRest(int[] counts, long left, SizeCost cost)
    {
        for (bool gave = true; gave;)
        {
            gave = false;
            for (int size = counts.Length - 2; size >= 0 && left > 0; size--)
            {
                long price = size == 0 ? cost.Of(1) : cost.OfValue;
                int given = (int)Math.Min(left / price, counts[size]);
                counts[size] -= given;
                counts[size + 1] += given;
                left -= given * price;
                gave |= given > 0;
            }
        }
    }
}
