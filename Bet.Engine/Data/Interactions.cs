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

    /// <summary>
    /// The same users and items, but only <paramref name="users"/> users keep theirs, evenly spaced over those that have
    /// any: a sample to validate on where ranking for all would take too long. All of them where there are no more.
    /// </summary>
    public Interactions OfSample(int users)
    {
        int having = 0;
        for (int user = 0; user < UserCount; user++)
            having += Of(user).IsEmpty ? 0 : 1;
        if (users >= having)
            return this;
        var offsets = new int[UserCount + 1];
        var items = new List<int>();
        for (int user = 0, seen = 0; user < UserCount; user++)
        {
            if (!Of(user).IsEmpty)
            {
                // The place where seen * users / having rises: as often as there are users to take.
                if ((seen + 1L) * users / having > (long)seen * users / having)
                    items.AddRange(Of(user));
                seen++;
            }

            offsets[user + 1] = items.Count;
        }

        return new Interactions(UserCount, ItemCount, offsets, [.. items]);
    }

    /// <summary>What either part has; the parts have the same users and items and nothing in common.</summary>
    public static Interactions Union(Interactions first, Interactions second)
    {
        var offsets = new int[first.UserCount + 1];
        var items = new int[first.Count + second.Count];
        for (int user = 0; user < first.UserCount; user++)
        {
            var row = items.AsSpan(offsets[user], first.Of(user).Length + second.Of(user).Length);
            first.Of(user).CopyTo(row);
            second.Of(user).CopyTo(row[first.Of(user).Length..]);
            row.Sort();
            offsets[user + 1] = offsets[user] + row.Length;
        }

        return new Interactions(first.UserCount, first.ItemCount, offsets, items);
    }

    /// <summary>How many users each item has, [ItemCount].</summary>
    public int[] ItemFrequencies()
    {
        var frequencies = new int[ItemCount];
        foreach (int item in Items)
            frequencies[item]++;
        return frequencies;
    }
}
