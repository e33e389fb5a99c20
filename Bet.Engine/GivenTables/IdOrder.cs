using Bet.Engine.Data;

namespace Bet.Engine.GivenTables;

/// <summary>
/// The order in which a table's rows are taken to be where nothing says otherwise: ascending by number where every id of
/// the side is a whole number, written in digits alone ("7" and "007" are as large, and the one that appears first comes
/// first); else the order in which ids first appear in the data.
/// </summary>
public static class IdOrder
{
    /// <summary>How an order is told to people.</summary>
    public static string Describe(IdList ids) =>
        AreNumbers(ids) ? "ascending by number, since all ids are whole numbers" : "in the order in which ids first appear in the data";

    /// <summary>The ids, which stand in the order of their first appearance, in id order.</summary>
    public static IdList Of(IdList ids)
    {
        if (!AreNumbers(ids))
            return ids;
        int[] numbers = [.. Enumerable.Range(0, ids.Count)];
        Array.Sort(numbers, (a, b) =>
        {
            ReadOnlySpan<byte> x = ids.Utf8(a).TrimStart((byte)'0'), y = ids.Utf8(b).TrimStart((byte)'0');
            int order = x.Length != y.Length ? x.Length.CompareTo(y.Length) : x.SequenceCompareTo(y);
            return order != 0 ? order : a.CompareTo(b);
        });
        return ids.InOrder(numbers);
    }

    private static bool AreNumbers(IdList ids)
    {
        for (int number = 0; number < ids.Count; number++)
        {
            var id = ids.Utf8(number);
            if (id.IsEmpty || id.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
                return false;
        }

        return true;
    }
}
