using System.Diagnostics.CodeAnalysis;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Embeddings;

namespace Bet.Engine.Search;

/// <summary>
/// The action for one side: a size for every row, falling with frequency rank, and how the values are stored. Rows are
/// in order of falling frequency, so sizes are kept as runs: <c>RowsOfSize[d]</c> rows have size d, the largest sizes
/// first.
/// <para>
/// Rows of size 0, the least frequent ones, own nothing. They may share vectors: they are divided by rank into
/// <see cref="SharedRows"/> buckets of as nearly as possible as many rows, and a bucket has one vector. Which, follows from the
/// row's number: no row needs an index of its own.
/// </para>
/// </summary>
/// <param name="RowsOfSize">int32 [d_max + 1]; entry d counts the rows of size d.</param>
/// <param name="Precision">Of all values of the side; the paper's is float32.</param>
/// <param name="SharedSize">Values of a bucket's vector; 0 where rows of size 0 are zero.</param>
public sealed record SideSizes(int[] RowsOfSize, Precision Precision = Precision.Float32, int SharedSize = 0) : SideShape
{
    /// <summary>The most buckets of a side.</summary>
    public const int MostSharedRows = 8;

    internal const string KindName = "prefix";

    public override string Kind => KindName;

    public override int MaximumSize => RowsOfSize.Length - 1;

    public override int Rows => RowsOfSize.Sum();

    /// <summary>Rows of a size above 0.</summary>
    public int OwnRows => Rows - RowsOfSize[0];

    /// <summary>Vectors that rows of size 0 share: as many as there are such rows, but no more than <see cref="MostSharedRows"/>.</summary>
    public int SharedRows => SharedSize == 0 ? 0 : Math.Min(MostSharedRows, RowsOfSize[0]);

    /// <summary>Vectors that are stored: rows of a size above 0, and then those that are shared.</summary>
    public int StoredRows => OwnRows + SharedRows;

    /// <summary>Values the side keeps: the sum of all sizes, and those of shared vectors.</summary>
    public override long Values
    {
        get
        {
            long total = (long)SharedRows * SharedSize;
            for (int size = 0; size < RowsOfSize.Length; size++)
                total += (long)size * RowsOfSize[size];
            return total;
        }
    }

    /// <summary>The largest size of a row; 0 where there are no rows.</summary>
    public int Largest => Math.Max(0, Array.FindLastIndex(RowsOfSize, rows => rows > 0));

    /// <summary>The largest size in use, shared vectors included.</summary>
    public override int Width => Math.Max(Largest, SharedRows > 0 ? SharedSize : 0);

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

    /// <summary>The size of every vector that is stored, [StoredRows]: rows from the largest on, then shared ones.</summary>
    public int[] ToStoredRows() => [.. ToRows().AsSpan(0, OwnRows), .. Enumerable.Repeat(SharedSize, SharedRows)];

    /// <summary>The fewest values of any vector that has some; 0 where none has.</summary>
    public int LeastSize => ToStoredRows().Where(size => size > 0).DefaultIfEmpty().Min();

    /// <summary>Which of the stored vectors a row has: its own, or its bucket's; -1 where it has none.</summary>
    public int StoredRowOf(int row)
    {
        int own = OwnRows;
        if (row < own)
            return row;
        return SharedRows == 0 ? -1 : own + (int)((long)(row - own) * SharedRows / RowsOfSize[0]);
    }

    public override EmbeddingTable Create(Backend backend, string name, int width) =>
        new BudgetedTable(backend, name, this, width);

    public bool Equals(SideSizes? other) =>
        other is not null && Precision == other.Precision && SharedSize == other.SharedSize && RowsOfSize.AsSpan().SequenceEqual(other.RowsOfSize);

    public override int GetHashCode() => HashCode.Combine(Rows, Values);
}

/// <summary>The table size action: a size for every user and every item, and each side's precision.</summary>
public sealed record TableSizes(SideSizes Users, SideSizes Items)
{
    /// <summary>Of coarse rows; <see cref="ColumnAxes.Principal"/> of others, where it makes no difference.</summary>
    public ColumnAxes Axes { get; init; }

    /// <summary>Values the whole table keeps.</summary>
    public long Values => Users.Values + Items.Values;

    /// <summary>Bytes that the packed table serves from.</summary>
    public long Bytes => Users.Bytes + Items.Bytes;

    [return: NotNullIfNotNull(nameof(sizes))]
    public static implicit operator TableShape?(TableSizes? sizes) => sizes is null ? null : new(sizes.Users, sizes.Items) { Axes = sizes.Axes };

    /// <summary>The same sizes stored otherwise.</summary>
    public TableSizes In(TablePrecision stored) =>
        new(Users with { Precision = stored.Users }, Items with { Precision = stored.Items })
        {
            Axes = stored.IsCoarse ? stored.Axes : default,
        };
}
