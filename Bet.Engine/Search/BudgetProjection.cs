namespace Bet.Engine.Search;

/// <summary>
/// Turns drawn values into sizes that meet a budget exactly: {sum = B, d_min &lt;= d_n &lt;= d_max}. Nothing is rounded
/// past the bound and nothing of it is left.
/// </summary>
public static class BudgetProjection
{
    /// <summary>Values this far below the largest count as equal: they all end at the minimum anyway.</summary>
    private const double Negligible = 1e-12;

    private const int Bisections = 200;

    /// <summary>
    /// Sizes proportional to the values, within [minimum, maximum], that add up to the budget: the scale is found by
    /// bisection, sizes are rounded down, and what is left goes to the largest remainders, ties to the earlier row.
    /// </summary>
    /// <param name="falling">A value a row, not negative, each at most the one before it.</param>
    /// <param name="budget">From minimum * rows to maximum * rows.</param>
    /// <param name="minimum">d_min.</param>
    /// <param name="maximum">d_max.</param>
    /// <exception cref="ArgumentException">No sizes can add up to the budget, or the values do not fall.</exception>
    public static SideSizes Project(ReadOnlySpan<double> falling, long budget, int minimum, int maximum)
    {
        long rows = falling.Length;
        if (budget < rows * minimum || budget > rows * maximum)
            throw new ArgumentException($"{rows} rows of {minimum} to {maximum} values cannot add up to {budget}");
        double[] values = Positive(falling);
        double[] targets = Targets(values, budget, minimum, maximum);

        var sizes = new int[rows];
        long left = budget;
        for (int row = 0; row < rows; row++)
        {
            sizes[row] = (int)targets[row];
            left -= sizes[row];
        }

        if (left > 0)
            GiveToLargestRemainders(targets, sizes, left, maximum);
        return SideSizes.FromRows(sizes, maximum);
    }

    /// <summary>Finite, positive, falling copies with the largest at 1.</summary>
    private static double[] Positive(ReadOnlySpan<double> falling)
    {
        var values = new double[falling.Length];
        double largest = falling.Length > 0 ? falling[0] : 0;
        for (int row = 0; row < values.Length; row++)
        {
            double value = falling[row];
            if (double.IsNaN(value) || value < 0 || (row > 0 && value > falling[row - 1]))
                throw new ArgumentException($"row {row}: {value} is not a falling value of at least 0");
            double share = largest == 0 || value == largest ? 1 : value / largest;
            values[row] = Math.Max(share, Negligible);
        }

        return values;
    }

    /// <summary>clip(scale * value) for the largest scale found whose sum does not exceed the budget.</summary>
    private static double[] Targets(double[] values, long budget, int minimum, int maximum)
    {
        var sums = new double[values.Length + 1];
        for (int row = 0; row < values.Length; row++)
            sums[row + 1] = sums[row] + values[row];

        double low = Math.Log(0.5 * Math.Max(minimum, Negligible));
        double high = Math.Log(2 * maximum / Negligible);
        for (int i = 0; i < Bisections && low < high; i++)
        {
            double middle = 0.5 * (low + high);
            if (middle <= low || middle >= high)
                break;
            if (Total(Math.Exp(middle), values, sums, minimum, maximum) <= budget)
                low = middle;
            else
                high = middle;
        }

        double scale = Math.Exp(low);
        var targets = new double[values.Length];
        double total = 0;
        for (int row = 0; row < values.Length; row++)
        {
            targets[row] = Math.Clamp(scale * values[row], minimum, maximum);
            total += Math.Floor(targets[row]);
        }

        return total <= budget ? targets : Array.ConvertAll(targets, target => (double)Math.Max(minimum, Math.Ceiling(target) - 1));
    }

    /// <summary>The sum of clip(scale * value), from prefix sums: values fall, so clipped rows are a prefix and a suffix.</summary>
    private static double Total(double scale, double[] values, double[] sums, int minimum, int maximum)
    {
        int atMaximum = FirstBelow(values, maximum / scale);
        int aboveMinimum = Math.Max(atMaximum, FirstBelow(values, minimum / scale));
        return ((double)maximum * atMaximum) + (scale * (sums[aboveMinimum] - sums[atMaximum])) +
            ((double)minimum * (values.Length - aboveMinimum));
    }

    /// <summary>The first row whose value is below the bound.</summary>
    private static int FirstBelow(double[] values, double bound)
    {
        int low = 0, high = values.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (values[middle] >= bound)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>
    /// One value more for the rows in order of falling remainder, earlier rows first, round after round until nothing
    /// is left. Sizes still fall: of two rows with the same size the earlier has the larger remainder.
    /// </summary>
    private static void GiveToLargestRemainders(double[] targets, int[] sizes, long left, int maximum)
    {
        var order = new int[sizes.Length];
        var keys = new (double Remainder, int Row)[sizes.Length];
        for (int row = 0; row < sizes.Length; row++)
        {
            order[row] = row;
            keys[row] = (sizes[row] - targets[row], row);
        }

        Array.Sort(keys, order);
        while (left > 0)
        {
            foreach (int row in order)
            {
                if (sizes[row] == maximum)
                    continue;
                sizes[row]++;
                if (--left == 0)
                    return;
            }
        }
    }
}
