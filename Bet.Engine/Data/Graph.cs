namespace Bet.Engine.Data;

/// <summary>
/// A sparse float32 matrix in compressed sparse row form, in plain arrays: row r holds the non-zeros
/// <c>RowOffsets[r] .. RowOffsets[r + 1]</c>, columns ascending.
/// </summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Columns">Number of columns.</param>
/// <param name="RowOffsets">int32 [Rows + 1].</param>
/// <param name="ColumnIds">int32 [non-zeros].</param>
/// <param name="Values">float32 [non-zeros].</param>
public sealed record CsrArrays(int Rows, int Columns, int[] RowOffsets, int[] ColumnIds, float[] Values);

/// <summary>The user-item graph that graph backbones propagate over.</summary>
public static class Graph
{
    /// <summary>
    /// The symmetrically normalised adjacency of LightGCN (He et al., SIGIR 2020, Eq. 3): user u and item i of an
    /// interaction are joined with 1 / sqrt(degree(u) degree(i)).
    /// </summary>
    /// <param name="train">The training part, users x items.</param>
    /// <returns>The users x items block, which shares its ids and offsets with train, and its transpose.</returns>
    public static (CsrArrays UserItem, CsrArrays ItemUser) Normalised(Interactions train)
    {
        var itemOffsets = Grouping.Offsets(train.Items, train.ItemCount);
        var next = itemOffsets.AsSpan(0, train.ItemCount).ToArray();
        var values = new float[train.Count];
        var userIds = new int[train.Count];
        var transposed = new float[train.Count];
        for (int user = 0; user < train.UserCount; user++)
        {
            long degree = train.Offsets[user + 1] - train.Offsets[user];
            for (int place = train.Offsets[user]; place < train.Offsets[user + 1]; place++)
            {
                int item = train.Items[place];
                float value = (float)(1 / Math.Sqrt(degree * (itemOffsets[item + 1] - itemOffsets[item])));
                values[place] = value;
                userIds[next[item]] = user;
                transposed[next[item]++] = value;
            }
        }

        return (
            new CsrArrays(train.UserCount, train.ItemCount, train.Offsets, train.Items, values),
            new CsrArrays(train.ItemCount, train.UserCount, itemOffsets, userIds, transposed));
    }
}
