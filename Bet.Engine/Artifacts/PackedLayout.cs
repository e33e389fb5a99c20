using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Engine.Artifacts;

/// <summary>
/// What a packed table takes, byte by byte, and how it turns a row number into an offset. Rows are in order of falling size, so one number a size is
/// enough: <c>row_starts[s]</c>, uint32, is the number of rows larger than s, which is the first row of size s.
/// That is 4 (d_max + 1) bytes a side whatever the number of rows, where a byte or an offset a row would cost as much
/// as values do. Vectors that rows of size 0 share lie behind all rows, see <see cref="SideSizes.StoredRowOf"/>.
/// </summary>
public static class PackedLayout
{
    /// <summary>Bytes of one side's index.</summary>
    public static long IndexBytes(int maximumSize) => (maximumSize + 1) * (long)sizeof(uint);

    /// <summary>Bytes of so many values in so many rows: codes and, where the precision has them, scales.</summary>
    public static long ValueBytes(Precision precision, long values, long rows) =>
        (((values * precision.Bits()) + 7) / 8) + ScaleBytes(precision, rows);

    /// <summary>The most values that fit in so many bytes; negative where the rows' scales do not.</summary>
    public static long ValuesWithin(Precision precision, long bytes, long rows)
    {
        long left = bytes - ScaleBytes(precision, rows);
        return left < 0 ? -1 : left * 8 / precision.Bits();
    }

    /// <summary>Bytes of one side: codes, scales and index.</summary>
    public static long SideBytes(SideSizes sizes) =>
        ValueBytes(sizes.Precision, sizes.Values, sizes.StoredRows) + IndexBytes(sizes.MaximumSize);

    private static long ScaleBytes(Precision precision, long rows) =>
        precision.HasScales() ? rows * RowQuantiser.ScaleBytes : 0;
}
