namespace Bet.Engine.Search;

/// <summary>Values that fall, or stay, from row to row.</summary>
internal static class FallingValues
{
    /// <summary>How many of the falling values are at least x.</summary>
    public static int CountAtLeast(double[] falling, double x)
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

    /// <summary>
    /// The falling values of the least squared distance to these: isotonic regression by pooling adjacent violators (Ayer,
    /// Brunk, Ewing, Reid and Silverman 1955).
    /// </summary>
    public static double[] Nearest(IReadOnlyList<int> values)
    {
        var pools = new Stack<(double Sum, int Count)>();
        foreach (int value in values)
        {
            (double Sum, int Count) pool = (value, 1);
            while (pools.TryPeek(out var before) && before.Sum * pool.Count < pool.Sum * before.Count)
                pool = (pool.Sum + pools.Peek().Sum, pool.Count + pools.Pop().Count);
            pools.Push(pool);
        }

        return [.. pools.Reverse().SelectMany(pool => Enumerable.Repeat(pool.Sum / pool.Count, pool.Count))];
    }
}
