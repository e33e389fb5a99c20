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
}
