namespace Bet.Engine.Clicks;

/// <summary>A field's categories in new numbers.</summary>
/// <param name="Field">What models get to know.</param>
/// <param name="NumberOf">New numbers by old ones.</param>
internal sealed record FieldNumbering(PreparedField Field, int[] NumberOf)
{
    /// <summary>
    /// Numbers every field's categories by falling frequency in the given rows; ties keep the old order, which is that
    /// of first appearance. Those that occur less often than <paramref name="minimum"/> share the last number.
    /// </summary>
    public static FieldNumbering[] Of(ClickSet set, ReadOnlySpan<int> train, int minimum)
    {
        int width = set.FieldNames.Count;
        var frequencies = set.Ids.Select(ids => new int[ids.Count]).ToArray();
        foreach (int row in train)
        {
            for (int field = 0; field < width; field++)
                frequencies[field][set.Categories[(row * width) + field]]++;
        }

        var numberings = new FieldNumbering[width];
        for (int field = 0; field < width; field++)
            numberings[field] = Of(set, field, frequencies[field], train.Length, minimum);
        return numberings;
    }

    private static FieldNumbering Of(ClickSet set, int field, int[] frequencies, int samples, int minimum)
    {
        var kept = ByFrequency(frequencies, minimum);
        var numberOf = new int[frequencies.Length];
        Array.Fill(numberOf, kept.Length);
        var sorted = new int[kept.Length + 1];
        sorted[^1] = samples;
        for (int number = 0; number < kept.Length; number++)
        {
            numberOf[kept[number]] = number;
            sorted[number] = frequencies[kept[number]];
            sorted[^1] -= sorted[number];
        }

        return new FieldNumbering(new PreparedField(set.FieldNames[field], set.Ids[field].InOrder(kept), sorted), numberOf);
    }

    /// <summary>The old numbers that are frequent enough, in their new order.</summary>
    private static int[] ByFrequency(int[] frequencies, int minimum)
    {
        var keys = new List<long>();
        for (int number = 0; number < frequencies.Length; number++)
        {
            if (frequencies[number] >= minimum)
                keys.Add(((long)(int.MaxValue - frequencies[number]) << 32) | (uint)number);
        }

        keys.Sort();
        return [.. keys.Select(key => (int)key)];
    }
}
