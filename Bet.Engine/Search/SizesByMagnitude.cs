using System.Numerics;
using Bet.Engine.Compute;

namespace Bet.Engine.Search;

/// <summary>
/// Magnitude pruning (Han, Pool, Tran and Dally, NIPS 2015) of the pretrained full table, one threshold for both sides: a
/// row's size is the number of its values that are at least as large. Sizes must fall with rank, so they are the falling
/// ones that are nearest, and the threshold is the least that the budget allows. What a row keeps are its first values.
/// </summary>
internal static class SizesByMagnitude
{
    public static TableSizes Of(ComparedContext context)
    {
        var table = context.Pretrained();
        float[] users = table.Users.Unpack(table.MaximumSize), items = table.Items.Unpack(table.MaximumSize);
        float threshold = Threshold(context, users, items);
        double[] ofUsers = Sizes(users, table.MaximumSize, threshold), ofItems = Sizes(items, table.MaximumSize, threshold);
        double cost = Cost(context, ofUsers.Sum(), 0);
        double share = cost / Math.Max(double.Epsilon, cost + Cost(context, 0, ofItems.Sum()));
        return context.Sampler.Of(
            share, x => FallingValues.CountAtLeast(ofUsers, x), x => FallingValues.CountAtLeast(ofItems, x));
    }

    /// <summary>
    /// The least magnitude at which what is left stays within the budget. Bits of positive numbers are in the order of the
    /// numbers, so it is found to the last bit.
    /// </summary>
    private static float Threshold(ComparedContext context, float[] users, float[] items)
    {
        var budget = context.Budget;
        double most = budget.IsOfValues ? budget.MaximumValues : 8.0 * (budget.MaximumBytes - budget.IndexBytes);
        int low = 0, high = BitConverter.SingleToInt32Bits(float.PositiveInfinity);
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            float threshold = BitConverter.Int32BitsToSingle(middle);
            if (Cost(context, Count(users, threshold), Count(items, threshold)) <= most)
                high = middle;
            else
                low = middle + 1;
        }

        return BitConverter.Int32BitsToSingle(low);
    }

    /// <summary>What so many values take of the budget, scales left out: bits, or where values were asked for, themselves.</summary>
    private static double Cost(ComparedContext context, double ofUsers, double ofItems) => context.Budget.IsOfValues
        ? ofUsers + ofItems
        : (ofUsers * context.Precision.Users.Bits()) + (ofItems * context.Precision.Items.Bits());

    private static double[] Sizes(float[] rows, int width, float threshold) => FallingValues.Nearest(
        [.. Enumerable.Range(0, rows.Length / width).Select(row => Count(rows.AsSpan(row * width, width), threshold))]);

    /// <summary>How many values are at least as large as the threshold.</summary>
    private static int Count(ReadOnlySpan<float> values, float threshold)
    {
        int count = 0, at = 0;
        var least = new Vector<float>(threshold);
        for (; at <= values.Length - Vector<float>.Count; at += Vector<float>.Count)
            count -= Vector.Sum(Vector.GreaterThanOrEqual(Vector.Abs(new Vector<float>(values[at..])), least));

        foreach (float value in values[at..])
            count += MathF.Abs(value) >= threshold ? 1 : 0;
        return count;
    }
}
