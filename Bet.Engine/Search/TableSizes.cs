namespace Bet.Engine.Search;

/// <summary>
/// The paper's action for one side: a size for every row, falling with frequency rank. Rows are in order of falling
/// frequency, so it is kept as runs: <c>RowsOfSize[d]</c> rows have size d, the largest sizes first.
/// </summary>
/// <param name="RowsOfSize">int32 [d_max + 1]; entry d counts the rows of size d.</param>
public sealed record SideSizes(int[] RowsOfSize)
{
    public int MaximumSize => RowsOfSize.Length - 1;

    public int Rows => RowsOfSize.Sum();

    /// <summary>Values the side keeps: the sum of all sizes.</summary>
    public long Values
    {
        get
        {
            long total = 0;
            for (int size = 0; size < RowsOfSize.Length; size++)
                total += (long)size * RowsOfSize[size];
            return total;
        }
    }

    /// <summary>The largest size in use; 0 where there are no rows.</summary>
    public int Width => Math.Max(0, Array.FindLastIndex(RowsOfSize, rows => rows > 0));

    /// <summary>Every row with the same size.</summary>
    public static SideSizes Uniform(int rows, int size, int maximumSize)
    {
        var counts = new int[maximumSize + 1];
        counts[size] = rows;
        return new SideSizes(counts);
    }

    /// <summary>From a size a row, which must fall (or stay) from row to row.</summary>
    public static SideSizes FromRows(ReadOnlySpan<int> sizes, int maximumSize)
    {
        var counts = new int[maximumSize + 1];
        for (int row = 0; row < sizes.Length; row++)
        {
            if (row > 0 && sizes[row] > sizes[row - 1])
                throw new ArgumentException($"row {row} has size {sizes[row]}, the row before it {sizes[row - 1]}: sizes must fall with rank");
            counts[sizes[row]]++;
        }

        return new SideSizes(counts);
    }

    /// <summary>A size a row, [Rows], largest first.</summary>
    public int[] ToRows()
    {
        var sizes = new int[Rows];
        int row = 0;
        for (int size = MaximumSize; size >= 0; size--)
        {
            sizes.AsSpan(row, RowsOfSize[size]).Fill(size);
            row += RowsOfSize[size];
        }

        return sizes;
    }

    public bool Equals(SideSizes? other) => other is not null && RowsOfSize.AsSpan().SequenceEqual(other.RowsOfSize);

    public override int GetHashCode() => HashCode.Combine(Rows, Values);
}

/// <summary>The paper's table size action: a size for every user and every item.</summary>
public sealed record TableSizes(SideSizes Users, SideSizes Items)
{
    /// <summary>Values the whole table keeps.</summary>
    public long Values => Users.Values + Items.Values;
}
