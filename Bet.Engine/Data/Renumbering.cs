namespace Bet.Engine.Data;

/// <summary>Numbers users and items by falling train frequency and lays out the parts of a split in those numbers.</summary>
internal static class Renumbering
{
    /// <param name="set">The interactions.</param>
    /// <param name="parts">byte [set.Count]: 0 train, 1 validation, 2 test.</param>
    public static PreparedDataset Prepare(InteractionSet set, byte[] parts)
    {
        var (users, userRows) = ByTrainFrequency(set.UserOf, parts, set.UserIds.Length);
        var (items, itemRows) = ByTrainFrequency(set.ItemOf, parts, set.ItemIds.Length);
        var userIds = Array.ConvertAll(users, user => set.UserIds[user]);
        var itemIds = Array.ConvertAll(items, item => set.ItemIds[item]);
        var byItem = PlacesByItem(set, itemRows);
        Interactions Part(byte part) => Rows(set, parts, part, byItem, userRows, itemRows);
        var train = Part(0);
        var validation = Part(1);
        var test = Part(2);
        return new PreparedDataset
        {
            UserIds = userIds,
            ItemIds = itemIds,
            Train = train,
            Validation = validation,
            Test = test,
            SplitHash = SplitHash.Of(userIds, itemIds, train, validation, test),
        };
    }

    /// <summary>
    /// The old numbers in their new order, and the new number of each old one. Ties keep the old order, which is that
    /// of first appearance; what never occurs in train comes last.
    /// </summary>
    private static (int[] Order, int[] RowOf) ByTrainFrequency(int[] keys, byte[] parts, int count)
    {
        var frequency = new int[count];
        for (int place = 0; place < keys.Length; place++)
        {
            if (parts[place] == 0)
                frequency[keys[place]]++;
        }

        int most = frequency.Length == 0 ? 0 : frequency.Max();
        var (_, order) = Grouping.By(Array.ConvertAll(frequency, value => most - value), most + 1);
        var rowOf = new int[count];
        for (int row = 0; row < count; row++)
            rowOf[order[row]] = row;
        return (order, rowOf);
    }

    /// <summary>Places of all interactions, by rising new item number.</summary>
    private static int[] PlacesByItem(InteractionSet set, int[] itemRows) =>
        Grouping.By(Array.ConvertAll(set.ItemOf, item => itemRows[item]), itemRows.Length).Order;

    /// <summary>
    /// Handing the interactions out to the users' rows by rising item leaves every row ascending, without a sort.
    /// </summary>
    private static Interactions Rows(
        InteractionSet set, byte[] parts, byte part, int[] byItem, int[] userRows, int[] itemRows)
    {
        var offsets = new int[userRows.Length + 1];
        for (int place = 0; place < parts.Length; place++)
        {
            if (parts[place] == part)
                offsets[userRows[set.UserOf[place]] + 1]++;
        }

        for (int row = 0; row < userRows.Length; row++)
            offsets[row + 1] += offsets[row];
        var next = offsets.AsSpan(0, userRows.Length).ToArray();
        var items = new int[offsets[^1]];
        foreach (int place in byItem)
        {
            if (parts[place] == part)
                items[next[userRows[set.UserOf[place]]]++] = itemRows[set.ItemOf[place]];
        }

        return new Interactions(userRows.Length, itemRows.Length, offsets, items);
    }
}
