using Bet.Engine.Compute;
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

    /// <param name="sizes">A size for every row, falling, and the precision.</param>
    /// <param name="values">The rows' values, end to end.</param>
    /// <exception cref="ArgumentException">The values are not those that the sizes ask for.</exception>
    public PackedSide(SideSizes sizes, PackedValues values)
    {
        if (sizes.Values != values.Count || sizes.Precision != values.Precision)
            throw new ArgumentException($"sizes ask for {sizes.Values} {sizes.Precision.Name()} values, {values.Count} of {values.Precision.Name()} were given");
        int scales = sizes.Precision.HasScales() ? sizes.RowsWithValues : 0;
        if (values.Scales.Length != scales)
            throw new ArgumentException($"{sizes.RowsWithValues} rows of {sizes.Precision.Name()} need {scales} scales, {values.Scales.Length} were given");
        Sizes = sizes;
        Values = values;
        Rows = sizes.Rows;
        rowStarts = new uint[sizes.RowsOfSize.Length];
        for (int size = sizes.MaximumSize - 1; size >= 0; size--)
            rowStarts[size] = rowStarts[size + 1] + (uint)sizes.RowsOfSize[size + 1];
    }

    public SideSizes Sizes { get; }

    /// <summary>The rows' values, end to end.</summary>
    public PackedValues Values { get; }

    public int Rows { get; }

    /// <summary>uint32 [d_max + 1]; entry s is the number of rows larger than s, the first row of size s.</summary>
    public ReadOnlySpan<uint> RowStarts => rowStarts;

    /// <summary>Bytes of values, scales and index.</summary>
    public long ServingBytes => PackedLayout.SideBytes(Sizes);

    /// <summary>The row's own values, as many as its size; the others of its d_max values are zero.</summary>
    public float[] Row(int row)
    {
        if ((uint)row >= (uint)Rows)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"there are {Rows} rows");
        int size = SizeOf(row);
        var values = new float[size];
        Values.Decode(row, StartOf(row, size), values);
        return values;
    }

    /// <summary>Takes the first values of every dense row, as many as its size, in the precision of the sizes.</summary>
    /// <param name="dense">float32 [sizes.Rows, width], row-major.</param>
    /// <param name="width">Values of a dense row, at least the largest size in use.</param>
    /// <param name="sizes">A size for every row, falling, and the precision.</param>
    public static PackedSide Pack(float[] dense, int width, SideSizes sizes)
    {
        if (width < sizes.Width || (long)sizes.Rows * width != dense.Length)
            throw new ArgumentException($"Pack: {dense.Length} values are not {sizes.Rows} rows of {width}, or rows of up to {sizes.Width} are wanted");
        return new PackedSide(
            sizes,
            PackedValues.Encode(sizes.Precision, sizes.ToRows(), row => dense.AsSpan(row * width, width)));
    }

    /// <summary>float32 [Rows, width], row-major, zero after each row's own values.</summary>
    /// <param name="width">At least the largest size in use.</param>
    public float[] Unpack(int width)
    {
        if (width < Sizes.Width)
            throw new ArgumentException($"Unpack: rows have up to {Sizes.Width} values, a width of {width} was asked for");
        var dense = new float[(long)Rows * width];
        long start = 0;
        int row = 0;
        for (int size = Sizes.MaximumSize; size > 0; size--)
        {
            for (int i = 0; i < Sizes.RowsOfSize[size]; i++, row++, start += size)
                Values.Decode(row, start, dense.AsSpan(row * width, size));
        }

        return dense;
    }

    public bool Equals(PackedSide? other) =>
        other is not null && Sizes.Equals(other.Sizes) && Values.SequenceEqual(other.Values);

    public override int GetHashCode() => HashCode.Combine(Sizes, Values.Count);

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

/// <summary>The table that is served: users and items, packed.</summary>
/// <param name="Users">Row n is the n-th most frequent user.</param>
/// <param name="Items">Row n is the n-th most frequent item.</param>
public sealed record PackedTable(PackedSide Users, PackedSide Items, TableOrigin Origin)
{
    /// <summary>d_max: values of a full row, on both sides.</summary>
    public int MaximumSize => Users.Sizes.MaximumSize;

    /// <summary>Values that the table keeps.</summary>
    public long Values => Users.Values.Count + Items.Values.Count;

    /// <summary>
    /// What a server must hold to look up any row: values, scales and index. The sum of the bytes of the file's tensors, padding
    /// left out.
    /// </summary>
    public long ServingBytes => Users.ServingBytes + Items.ServingBytes;
}
