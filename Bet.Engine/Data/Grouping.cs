namespace Bet.Engine.Data;

/// <summary>Stable counting sort, the one way in which interactions are grouped here: linear and without comparisons.</summary>
internal static class Grouping
{
    /// <summary>
    /// Places grouped by key, in their own order inside a group: group k is
    /// <c>Order[Offsets[k] .. Offsets[k + 1]]</c>. Every key is in [0, <paramref name="groups"/>).
    /// </summary>
    public static (int[] Offsets, int[] Order) By(ReadOnlySpan<int> keys, int groups)
    {
        var offsets = Offsets(keys, groups);
        var next = offsets.AsSpan(0, groups).ToArray();
        var order = new int[keys.Length];
        for (int place = 0; place < keys.Length; place++)
            order[next[keys[place]]++] = place;
        return (offsets, order);
    }

    /// <summary>Where each group begins: int32 [groups + 1].</summary>
    public static int[] Offsets(ReadOnlySpan<int> keys, int groups)
    {
        var offsets = new int[groups + 1];
        foreach (int key in keys)
            offsets[key + 1]++;
        for (int group = 0; group < groups; group++)
            offsets[group + 1] += offsets[group];
        return offsets;
    }
}
