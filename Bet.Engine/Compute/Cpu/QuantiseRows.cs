namespace Bet.Engine.Compute.Cpu;

/// <summary>Rows as a table of lower precision serves them.</summary>
public sealed unsafe partial class CpuBackend
{
    public override void QuantiseRows(Precision precision, Ids? sizes, Tensor x, Tensor y)
    {
        Check(
            SameShape(x, y) && (sizes is null || sizes.Count == x.Rows),
            $"QuantiseRows: x is {x}, sizes are {sizes}, y is {y}");
        ForRows(x.Rows, x.Columns, (precision, sizes, x, y), static (in work, start, end) =>
        {
            var (precision, sizes, x, y) = work;
            for (int row = start; row < end; row++)
            {
                int size = sizes is null ? x.Columns : sizes.Pointer[row];
                RowQuantiser.Round(Row(x, row)[..size], precision, Row(y, row));
                Row(y, row)[size..].Clear();
            }
        });
    }
}
