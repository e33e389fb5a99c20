using System.Diagnostics.CodeAnalysis;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Embeddings;

namespace Bet.Engine.Search;

/// <summary>
/// The action for one side: a size for every row, falling with frequency rank, and how the values are stored. Rows are
/// in order of falling frequency, so sizes are kept as runs: <c>RowsOfSize[d]</c> rows have size d, the largest sizes
/// first.
/// </summary>
/// <param name="RowsOfSize">int32 [d_max + 1]; entry d counts the rows of size d.</param>
/// <param name="Precision">Of all values of the side; the paper's is float32.</param>
public sealed record SideSizes(int[] RowsOfSize, Precision Precision = Precision.Float32) : SideShape
{
    internal const string KindName = "prefix";

    public override string Kind => KindName;

    public override int MaximumSize => RowsOfSize.Length - 1;

    public override int Rows => RowsOfSize.Sum();

    /// <summary>Rows of a size above 0.</summary>
    public int RowsWithValues => Rows - RowsOfSize[0];

    /// <summary>Values the side keeps: the sum of all sizes.</summary>
    public override long Values
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
    public override int Width => Math.Max(0, Array.FindLastIndex(RowsOfSize, rows => rows > 0));

    public override bool TakesPrefixes => true;

    public override long Bytes => PackedLayout.SideBytes(this);

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

    /// <summary>The size of a row.</summary>
    public int SizeAt(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        for (int size = MaximumSize; size >= 0; size--)
        {
            row -= RowsOfSize[size];
            if (row < 0)
                return size;
        }

        throw new ArgumentOutOfRangeException(nameof(row), row, $"there are {Rows} rows");
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

    public override EmbeddingTable Create(Backend backend, string name, int width) =>
        new BudgetedTable(backend, name, this, width);

    public bool Equals(SideSizes? other) =>
        other is not null && Precision == other.Precision && RowsOfSize.AsSpan().SequenceEqual(other.RowsOfSize);

    public override int GetHashCode() => HashCode.Combine(Rows, Values);
}

/// <summary>The table size action: a size for every user and every item, and each side's precision.</summary>
public sealed record TableSizes(SideSizes Users, SideSizes Items)
{
    /// <summary>Values the whole table keeps.</summary>
    public long Values => Users.Values + Items.Values;

    /// <summary>Bytes that the packed table serves from.</summary>
    public long Bytes => Users.Bytes + Items.Bytes;

    [return: NotNullIfNotNull(nameof(sizes))]
    public static implicit operator TableShape?(TableSizes? sizes) => sizes is null ? null : new(sizes.Users, sizes.Items);

    /// <summary>The same sizes stored in another precision.</summary>
    public TableSizes In(Precision users, Precision items) =>
        new(Users with { Precision = users }, Items with { Precision = items });
}
