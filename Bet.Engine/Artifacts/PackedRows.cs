using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Engine.Artifacts;

/// <summary>
/// Rows end to end, each as long as its size. See <see cref="PackedLayout"/> for the index. Whatever is needed to look up
/// a row is in <see cref="Values"/> and <see cref="RowStarts"/>; nothing else is derived and held.
/// </summary>
public sealed class PackedRows : PackedSide
{
    private readonly uint[] rowStarts;

    /// <param name="sizes">A size for every row, falling, and the precision.</param>
    /// <param name="values">The rows' values, end to end.</param>
    /// <exception cref="ArgumentException">The values are not those that the sizes ask for.</exception>
    public PackedRows(SideSizes sizes, PackedValues values) : base(sizes)
    {
        if (sizes.Values != values.Count || sizes.Precision != values.Precision)
            throw new ArgumentException($"sizes ask for {sizes.Values} {sizes.Precision.Name()} values, {values.Count} of {values.Precision.Name()} were given");
        int scales = sizes.Precision.HasScales() ? sizes.StoredRows : 0;
        if (values.Scales.Length != scales)
            throw new ArgumentException($"{sizes.StoredRows} rows of {sizes.Precision.Name()} need {scales} scales, {values.Scales.Length} were given");
        Sizes = sizes;
        Values = values;
        rowStarts = new uint[sizes.RowsOfSize.Length];
        for (int size = sizes.MaximumSize - 1; size >= 0; size--)
            rowStarts[size] = rowStarts[size + 1] + (uint)sizes.RowsOfSize[size + 1];
    }

    public SideSizes Sizes { get; }

    /// <summary>The rows' values, end to end.</summary>
    public PackedValues Values { get; }

    /// <summary>uint32 [d_max + 1]; entry s is the number of rows larger than s, the first row of size s.</summary>
    public ReadOnlySpan<uint> RowStarts => rowStarts;

    /// <summary>
    /// Takes the first values of every dense row, as many as its size, in the precision of the sizes; of a bucket's rows
    /// the mean.
    /// </summary>
    /// <param name="dense">float32 [sizes.Rows, width], row-major.</param>
    /// <param name="width">Values of a dense row, at least the largest size in use.</param>
    /// <param name="sizes">A size for every row, falling, and the precision.</param>
    public static PackedRows Pack(float[] dense, int width, SideSizes sizes)
    {
        if (width < sizes.Width || (long)sizes.Rows * width != dense.Length)
            throw new ArgumentException($"Pack: {dense.Length} values are not {sizes.Rows} rows of {width}, or rows of up to {sizes.Width} are wanted");
        return PackStored(StoredValues(dense, width, sizes), width, sizes);
    }

    /// <summary>Packs the vectors that are stored, [sizes.StoredRows, width].</summary>
    internal static PackedRows PackStored(float[] stored, int width, SideSizes sizes) => new(
        sizes, PackedValues.Encode(sizes.Precision, sizes.ToStoredRows(), row => stored.AsSpan(row * width, width)));

    /// <summary>
    /// The vectors that are stored, [sizes.StoredRows, width], of a row an entity, [sizes.Rows, width]: rows as they are,
    /// and of every bucket's rows the mean.
    /// </summary>
    internal static float[] StoredValues(float[] dense, int width, SideSizes sizes)
    {
        var stored = new float[(long)sizes.StoredRows * width];
        dense.AsSpan(0, sizes.OwnRows * width).CopyTo(stored);
        var sums = new double[sizes.SharedRows * width];
        var counts = new int[sizes.SharedRows];
        for (int row = sizes.OwnRows; row < sizes.Rows && counts.Length > 0; row++)
        {
            int bucket = sizes.StoredRowOf(row) - sizes.OwnRows;
            counts[bucket]++;
            for (int column = 0; column < width; column++)
                sums[(bucket * width) + column] += dense[(row * width) + column];
        }

        for (int i = 0; i < sums.Length; i++)
            stored[(sizes.OwnRows * width) + i] = (float)(sums[i] / counts[i / width]);
        return stored;
    }

    public override IReadOnlyList<TensorContent> Tensors(string side) =>
    [
        Values.ToTensor($"{side}.values"),
        .. Sizes.Precision.HasScales()
            ? [TensorContent.From($"{side}.scales", Values.Scales, Values.Scales.Length)]
            : Array.Empty<TensorContent>(),
        TensorContent.From($"{side}.row_starts", rowStarts, rowStarts.Length),
    ];

    public override IReadOnlyList<(string Name, long Number)> Numbers =>
        Sizes.SharedRows == 0 ? [] : [("shared_rows", Sizes.SharedRows), ("shared_size", Sizes.SharedSize)];

    public override int SizeOf(int row) => OwnSizeOf(row) is > 0 and var size ? size : Sizes.SharedRows > 0 ? Sizes.SharedSize : 0;

    public override int? BucketOf(int row) =>
        Sizes.SharedRows > 0 && row >= Sizes.OwnRows ? Sizes.StoredRowOf(row) - Sizes.OwnRows : null;

    /// <summary>The smallest s with row_starts[s] &lt;= row; row_starts falls with s.</summary>
    private int OwnSizeOf(int row)
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

    /// <summary>Reads a side whose values are in this precision.</summary>
    /// <exception cref="InvalidDataException">The side contradicts itself.</exception>
    internal static PackedRows Read(SideSource source, Precision precision)
    {
        string side = source.Name;
        uint[] rowStarts = source.Read<uint>("row_starts");
        if (rowStarts.Length != source.MaximumSize + 1L)
            throw new InvalidDataException($"{side}.row_starts has {rowStarts.Length} entries, d_max = {source.MaximumSize} needs {source.MaximumSize + 1L}");
        long sharedRows = source.FindNumber("shared_rows") ?? 0, sharedSize = source.FindNumber("shared_size") ?? 0;
        if (sharedSize > source.MaximumSize)
            throw new InvalidDataException($"{side}.shared_size is {sharedSize}, d_max is {source.MaximumSize}");
        var sizes = new SideSizes(Counts(side, rowStarts, source.Rows), precision, (int)sharedSize);
        if (sizes.SharedRows != sharedRows)
            throw new InvalidDataException($"{side}.shared_rows is {sharedRows}, {sizes.RowsOfSize[0]} rows of size 0 share {sizes.SharedRows} vectors of {sharedSize} values");
        Array codes = precision switch
        {
            Precision.Float32 => source.Read<float>("values"),
            Precision.Float16 => source.Read<Half>("values"),
            Precision.Int8 => source.Read<sbyte>("values"),
            _ => source.Read<byte>("values"),
        };
        Half[] scales = precision.HasScales() ? source.Read<Half>("scales") : [];
        try
        {
            return new PackedRows(sizes, PackedValues.From(precision, sizes.Values, codes, scales));
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{side}.row_starts adds up to {sizes.Values} values: {error.Message}", error);
        }
    }

    private protected override void Read(int row, Span<float> destination) =>
        Values.Decode(Sizes.StoredRowOf(row), StartOf(row), destination);

    private protected override bool HasSameValues(PackedSide other) => Values.SequenceEqual(((PackedRows)other).Values);

    /// <summary>How many rows have each size, from an index that is checked.</summary>
    private static int[] Counts(string side, uint[] rowStarts, int rows)
    {
        if (rowStarts[0] > rows)
            throw new InvalidDataException($"{side}.row_starts[0] is {rowStarts[0]}, more than the {rows} rows of {side}.rows");
        if (rowStarts[^1] != 0)
            throw new InvalidDataException($"{side}.row_starts[{rowStarts.Length - 1}] is {rowStarts[^1]}, no row is larger than d_max");
        var counts = new int[rowStarts.Length];
        counts[0] = (int)(rows - rowStarts[0]);
        for (int size = 1; size < counts.Length; size++)
        {
            if (rowStarts[size] > rowStarts[size - 1])
                throw new InvalidDataException($"{side}.row_starts rises from {rowStarts[size - 1]} to {rowStarts[size]} at {size}, it must fall");
            counts[size] = (int)(rowStarts[size - 1] - rowStarts[size]);
        }

        return counts;
    }

    /// <summary>
    /// The sizes of the rows before this one add up to the sum over d &lt; d_max of min(row, row_starts[d]), as
    /// row_starts[d] counts the rows that have a value d. Below the row's size the minimum is the row itself. Shared vectors
    /// come after all rows, one after the other.
    /// </summary>
    private long StartOf(int row)
    {
        int size = OwnSizeOf(row);
        long start = size > 0 ? (long)size * row : (long)(BucketOf(row) ?? 0) * Sizes.SharedSize;
        foreach (uint rows in rowStarts.AsSpan(size))
            start += rows;
        return start;
    }
}
