namespace Bet.Engine.Search;

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
    public static SideSizes Project(int rows, Func<double, int> rowsOfAtLeast, long budget, int minimum, int maximum)
    {
        if (budget < (long)rows * minimum || budget > (long)rows * maximum)
            throw new ArgumentException($"{rows} rows of {minimum} to {maximum} values cannot add up to {budget}");
        // rowsFrom[d] rows have a size of at least d.
        var rowsFrom = new int[maximum + 2];
        rowsFrom.AsSpan(0, minimum + 1).Fill(rows);
        long total = Scale(rowsFrom, rowsOfAtLeast, budget, minimum);
        var counts = new int[maximum + 1];
        for (int size = 0; size <= maximum; size++)
            counts[size] = rowsFrom[size] - rowsFrom[size + 1];
        GiveRest(counts, budget - total);
        return new SideSizes(counts);
    }

    /// <summary>
    /// Rounds at the largest scale whose total does not exceed the budget, found by bisection of its logarithm. Totals
    /// rise with the scale, so sizes with the total looked for are the same wherever it is met. Returns the total.
    /// </summary>
    private static long Scale(int[] rowsFrom, Func<double, int> rowsOfAtLeast, long budget, int minimum)
    {
        double low = -LargestLogarithm, high = LargestLogarithm;
        while (true)
        {
            double middle = 0.5 * (low + high);
            bool narrowest = middle <= low || middle >= high;
            long total = Round(narrowest ? low : middle, rowsFrom, rowsOfAtLeast, minimum);
            if (total == budget || narrowest)
                return total;
            if (total < budget)
                low = middle;
            else
                high = middle;
        }
    }

    /// <summary>A row has a size of at least d where scale * value is at least d - 1/2. Returns the sum of all sizes.</summary>
    private static long Round(double logarithm, int[] rowsFrom, Func<double, int> rowsOfAtLeast, int minimum)
    {
        double inverse = Math.Exp(-logarithm);
        long total = (long)rowsFrom[0] * minimum;
        rowsFrom.AsSpan(minimum + 1).Clear();
        for (int size = minimum + 1; size < rowsFrom.Length - 1 && rowsFrom[size - 1] > 0; size++)
        {
            rowsFrom[size] = Math.Clamp(rowsOfAtLeast((size - 0.5) * inverse), 0, rowsFrom[size - 1]);
            total += rowsFrom[size];
        }

        return total;
    }

    /// <summary>One value more for the rows below the maximum, largest sizes first, round after round until nothing is left.</summary>
    private static void GiveRest(int[] counts, long left)
    {
        while (left > 0)
        {
            for (int size = counts.Length - 2; size >= 0 && left > 0; size--)
            {
                int given = (int)Math.Min(left, counts[size]);
                counts[size] -= given;
                counts[size + 1] += given;
                left -= given;
            }
        }
    }
}
