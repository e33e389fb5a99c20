namespace Bet.Engine.Data;

/// <summary>
/// Which items each user has, one part of a split: row u holds <c>Items[Offsets[u] .. Offsets[u + 1]]</c>, ascending
/// and without repeats.
/// </summary>
/// <param name="UserCount">Number of users (rows).</param>
/// <param name="ItemCount">Number of items; every entry of <paramref name="Items"/> is below it.</param>
/// <param name="Offsets">int32 [UserCount + 1], rising from 0.</param>
/// <param name="Items">int32 [Offsets[UserCount]].</param>
public sealed record Interactions(int UserCount, int ItemCount, int[] Offsets, int[] Items)
{
    public int Count => Items.Length;

    /// <summary>The items of one user, ascending.</summary>
    public ReadOnlySpan<int> Of(int user) => Items.AsSpan(Offsets[user], Offsets[user + 1] - Offsets[user]);

    /// <summary>How many items each user has, [UserCount].</summary>
    public int[] UserFrequencies() => [.. Enumerable.Range(0, UserCount).Select(user => Of(user).Length)];

    /// <summary>How many users each item has, [ItemCount].</summary>
    public int[] ItemFrequencies()
    {
        var frequencies = new int[ItemCount];
        foreach (int item in Items)
            frequencies[item]++;
        return frequencies;
    }
}
