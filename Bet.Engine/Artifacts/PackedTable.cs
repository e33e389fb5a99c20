using Bet.Engine.Search;

namespace Bet.Engine.Artifacts;

/// <summary>
/// One side of a packed table: the rows end to end, each as long as its size. See <see cref="PackedLayout"/> for the
/// index. Whatever is needed to look up a row is in <see cref="Values"/> and <see cref="RowStarts"/>; nothing else is
/// derived and held.
/// </summary>
public sealed record PackedSide
{
    private readonly uint[] rowStarts;

    /// <param name="sizes">A size for every row, falling.</param>
    /// <param name="values">float32 [sizes.Values], row after row.</param>
    /// <exception cref="ArgumentException">The number of values is not the sum of the sizes.</exception>
    public PackedSide(SideSizes sizes, float[] values)
    {
        if (sizes.Values != values.Length)
            throw new ArgumentException($"sizes add up to {sizes.Values} values, {values.Length} were given");
        Sizes = sizes;
        Values = values;
        Rows = sizes.Rows;
        rowStarts = new uint[sizes.RowsOfSize.Length];
        for (int size = sizes.MaximumSize - 1; size >= 0; size--)
            rowStarts[size] = rowStarts[size + 1] + (uint)sizes.RowsOfSize[size + 1];
    }

    public SideSizes Sizes { get; }

    /// <summary>float32 [Sizes.Values], row after row.</summary>
    public float[] Values { get; }

    public int Rows { get; }

    /// <summary>uint32 [d_max + 1]; entry s is the number of rows larger than s, the first row of size s.</summary>
    public ReadOnlySpan<uint> RowStarts => rowStarts;

    /// <summary>Bytes of values and index.</summary>
    public long ServingBytes => (long)Values.Length * sizeof(float) + (long)rowStarts.Length * sizeof(uint);

    /// <summary>The row's own values, as many as its size; the others of its d_max values are zero.</summary>
    public ReadOnlySpan<float> Row(int row)
    {
        if ((uint)row >= (uint)Rows)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"there are {Rows} rows");
        int size = SizeOf(row);
        return Values.AsSpan((int)StartOf(row, size), size);
    }

    /// <summary>Takes the first values of every dense row, as many as its size.</summary>
    /// <param name="dense">float32 [sizes.Rows, width], row-major.</param>
    /// <param name="width">Values of a dense row, at least the largest size in use.</param>
    public static PackedSide Pack(ReadOnlySpan<float> dense, int width, SideSizes sizes)
    {
        int rows = sizes.Rows;
        if (width < sizes.Width || (long)rows * width != dense.Length)
            throw new ArgumentException($"Pack: {dense.Length} values are not {rows} rows of {width}, or rows of up to {sizes.Width} are wanted");
        var values = new float[sizes.Values];
        int[] rowSizes = sizes.ToRows();
        int start = 0;
        for (int row = 0; row < rows; start += rowSizes[row], row++)
            dense.Slice(row * width, rowSizes[row]).CopyTo(values.AsSpan(start));
        return new PackedSide(sizes, values);
    }

    /// <summary>float32 [Rows, width], row-major, zero after each row's own values.</summary>
    /// <param name="width">At least the largest size in use.</param>
    public float[] Unpack(int width)
    {
        if (width < Sizes.Width)
            throw new ArgumentException($"Unpack: rows have up to {Sizes.Width} values, a width of {width} was asked for");
        var dense = new float[(long)Rows * width];
        for (int row = 0; row < Rows; row++)
            Row(row).CopyTo(dense.AsSpan(row * width));
        return dense;
    }

    public bool Equals(PackedSide? other) =>
        other is not null && Sizes.Equals(other.Sizes) && Values.AsSpan().SequenceEqual(other.Values);

    public override int GetHashCode() => HashCode.Combine(Sizes, Values.Length);

    /// <summary>The smallest s with row_starts[s] &lt;= row; row_starts falls with s.</summary>
    private int SizeOf(int row)
    {
        int low = 0;
        int high = rowStarts.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (rowStarts[middle] <= (uint)row)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    /// <summary>
    /// The sizes of the rows before this one add up to the sum over d &lt; d_max of min(row, row_starts[d]), as
    /// row_starts[d] counts the rows that have a value d. Below the row's size the minimum is the row itself.
    /// </summary>
    private long StartOf(int row, int size)
    {
        long start = (long)size * row;
        foreach (uint rows in rowStarts.AsSpan(size))
            start += rows;
        return start;
    }
}

/// <summary>Where a table comes from; written into its file.</summary>
/// <param name="Seed">The search's seed.</param>
/// <param name="SplitHash">See <see cref="Data.PreparedDataset.SplitHash"/>.</param>
/// <param name="Budget">What was asked, and the bound that follows from it.</param>
public sealed record TableOrigin(ulong Seed, string SplitHash, MemoryBudget Budget);

/// <summary>The table that is served: users and items, packed, float32.</summary>
/// <param name="Users">Row n is the n-th most frequent user.</param>
/// <param name="Items">Row n is the n-th most frequent item.</param>
public sealed record PackedTable(PackedSide Users, PackedSide Items, TableOrigin Origin)
{
    /// <summary>d_max: values of a full row, on both sides.</summary>
    public int MaximumSize => Users.Sizes.MaximumSize;

    /// <summary>Values that the table keeps.</summary>
    public long Values => (long)Users.Values.Length + Items.Values.Length;

    /// <summary>
    /// What a server must hold to look up any row: values and index. The sum of the bytes of the file's tensors, padding
    /// left out.
    /// </summary>
    public long ServingBytes => Users.ServingBytes + Items.ServingBytes;
}
