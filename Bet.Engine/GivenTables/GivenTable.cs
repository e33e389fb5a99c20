using Bet.Engine.Data;
using Bet.Engine.Search;

namespace Bet.Engine.GivenTables;

/// <summary>A full table that was trained elsewhere: a row for every user and every item of a data set, all as wide.</summary>
/// <param name="UserIds">Whose rows these are, by raw id, in the rows' order.</param>
/// <param name="ItemIds">The same for items.</param>
/// <param name="Size">d_max: values of a row.</param>
/// <param name="Users">float32 [UserIds.Count, Size], row-major.</param>
/// <param name="Items">float32 [ItemIds.Count, Size], row-major.</param>
public sealed record GivenTable(IdList UserIds, IdList ItemIds, int Size, float[] Users, float[] Items)
{
    /// <summary>The least and the most values that a row may have.</summary>
    public const int LeastSize = 1, MostSize = SearchPresets.MostSize;

    /// <summary>The users' rows in the order of other ids, [ids.Count, Size].</summary>
    /// <exception cref="GivenTableException">One of the ids has no row.</exception>
    public float[] UsersInOrderOf(IdList ids) => InOrderOf(ids, "users", UserIds, Users);

    /// <summary>The items' rows in the order of other ids, [ids.Count, Size].</summary>
    /// <exception cref="GivenTableException">One of the ids has no row.</exception>
    public float[] ItemsInOrderOf(IdList ids) => InOrderOf(ids, "items", ItemIds, Items);

    private float[] InOrderOf(IdList ids, string side, IdList own, float[] values)
    {
        var rows = new IdMap();
        for (int row = 0; row < own.Count; row++)
            rows.Add(own.Utf8(row));
        var ordered = new float[(long)ids.Count * Size];
        for (int place = 0; place < ids.Count; place++)
        {
            int row = rows.Add(ids.Utf8(place));
            if (row >= own.Count)
                throw new GivenTableException(side, $"the table has no row for '{ids[place]}', which the data set has; is it another data set's?");
            values.AsSpan(row * Size, Size).CopyTo(ordered.AsSpan(place * Size));
        }

        return ordered;
    }
}

/// <summary>What a given table holds.</summary>
/// <param name="Users">Rows of users.</param>
/// <param name="Items">Rows of items.</param>
/// <param name="Size">Values of a row, d_max.</param>
public sealed record GivenTableSummary(int Users, int Items, int Size)
{
    public static GivenTableSummary Of(GivenTable table) => new(table.UserIds.Count, table.ItemIds.Count, table.Size);
}

/// <summary>A table that cannot be taken; <see cref="Field"/> names the file, the message says what was given and what would do.</summary>
public sealed class GivenTableException(string field, string message) : Exception(message)
{
    public string Field { get; } = field;
}
