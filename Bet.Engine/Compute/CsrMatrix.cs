namespace Bet.Engine.Compute;

/// <summary>
/// A sparse float32 matrix in compressed sparse row form, in the memory of one <see cref="Backend"/>.
/// Row r holds the non-zeros <c>RowOffsets[r] .. RowOffsets[r + 1]</c> of <c>ColumnIds</c> and <c>Values</c>.
/// </summary>
public sealed class CsrMatrix : IDisposable
{
    internal CsrMatrix(int rows, int columns, Ids rowOffsets, Ids columnIds, Tensor values)
    {
        Rows = rows;
        Columns = columns;
        RowOffsets = rowOffsets;
        ColumnIds = columnIds;
        Values = values;
    }

    public int Rows { get; }

    public int Columns { get; }

    public int NonZeros => ColumnIds.Count;

    /// <summary>int32 [Rows + 1], rising from 0 to <see cref="NonZeros"/>.</summary>
    public Ids RowOffsets { get; }

    /// <summary>int32 [NonZeros], each below <see cref="Columns"/>; ascending inside a row.</summary>
    public Ids ColumnIds { get; }

    /// <summary>float32 [1, NonZeros].</summary>
    public Tensor Values { get; }

    public void Dispose()
    {
        RowOffsets.Dispose();
        ColumnIds.Dispose();
        Values.Dispose();
    }
}
