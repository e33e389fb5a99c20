namespace Bet.Engine.Artifacts;

/// <summary>
/// How the packed table turns a row number into an offset. Rows are in order of falling size, so one number a size is
/// enough: <c>row_starts[s]</c>, uint32, is the number of rows larger than s, which is the first row of size s.
/// That is 4 (d_max + 1) bytes a side whatever the number of rows, where a byte or an offset a row would cost as much
/// as values do.
/// </summary>
public static class PackedLayout
{
    /// <summary>Bytes of one side's index.</summary>
    public static long IndexBytes(int maximumSize) => (maximumSize + 1) * (long)sizeof(uint);
}
