using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Operations on whole rows and on ranges of columns.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Owners of destination rows in a scatter; a power of two, the same on every machine.</summary>
    private const int ScatterOwners = 16;

    /// <summary>Below this many values a scatter is one chunk: reading the ids once beats sharing the work.</summary>
    private const int SmallScatter = 16 * 1024;

    public override void GatherRows(Tensor source, Ids rows, Tensor destination)
    {
        Check(
            destination.Rows == rows.Count && destination.Columns == source.Columns,
            $"GatherRows: {rows.Count} rows of {source} do not fit {destination}");
        CheckRowIds("GatherRows", rows, source);
        ForRows(rows.Count, source.Columns, (source, rows, destination), static (in work, start, end) =>
        {
            var (source, rows, destination) = work;
            int* ids = rows.Pointer;
            for (int i = start; i < end; i++)
                Row(source, ids[i]).CopyTo(Row(destination, i));
        });
    }

    /// <summary>
    /// Owner c adds into the rows with row % owners = c, reading all ids in order: no two threads meet in a row, and
    /// a row's additions come in the order of i.
    /// </summary>
    public override void ScatterAddRows(float alpha, Tensor source, Ids rows, Tensor destination)
    {
        Check(
            source.Rows == rows.Count && destination.Columns == source.Columns,
            $"ScatterAddRows: {source} does not add to {rows.Count} rows of {destination}");
        CheckRowIds("ScatterAddRows", rows, destination);
        int owners = source.Length < SmallScatter ? 1 : ScatterOwners;
        workers.For(owners, (alpha, source, rows, destination, owners), static (in work, owner) =>
        {
            var (alpha, source, rows, destination, owners) = work;
            int* ids = rows.Pointer;
            for (int i = 0; i < rows.Count; i++)
            {
                if ((ids[i] & (owners - 1)) != owner)
                    continue;
                var sum = Row(destination, ids[i]);
                TensorPrimitives.MultiplyAddEstimate(Row(source, i), alpha, sum, sum);
            }
        });
    }

    public override void AddBias(Tensor bias, Tensor y)
    {
        Check(bias.Rows == 1 && bias.Columns == y.Columns, $"AddBias: bias is {bias}, y is {y}");
        ForRows(y.Rows, y.Columns, (bias, y), static (in work, start, end) =>
        {
            for (int row = start; row < end; row++)
                TensorPrimitives.Add(Row(work.y, row), Row(work.bias, 0), Row(work.y, row));
        });
    }

    /// <summary>Sums of a chunk's rows in float32, sums of chunks in float64, both in order.</summary>
    public override void ColumnSums(float alpha, Tensor x, float beta, Tensor y)
    {
        Check(y.Rows == 1 && y.Columns == x.Columns, $"ColumnSums: x is {x}, y is {y}");
        int columns = x.Columns;
        int chunks = ChunksOf(x.Rows, RowsPerChunk(columns));
        using var partials = scratchPool.Rent((long)chunks * columns * sizeof(float));
        workers.For(chunks, (x, partials), static (in work, chunk) =>
        {
            var x = work.x;
            int chunkRows = RowsPerChunk(x.Columns), start = chunk * chunkRows;
            var sums = new Span<float>(work.partials.Floats + ((long)chunk * x.Columns), x.Columns);
            Row(x, start).CopyTo(sums);
            for (int row = start + 1; row < Math.Min(x.Rows, start + chunkRows); row++)
                TensorPrimitives.Add(sums, Row(x, row), sums);
        });

        var result = Row(y, 0);
        for (int column = 0; column < columns; column++)
        {
            double sum = 0;
            for (int chunk = 0; chunk < chunks; chunk++)
                sum += partials.Floats[((long)chunk * columns) + column];
            result[column] = (float)((alpha * sum) + (beta == 0 ? 0 : (double)beta * result[column]));
        }

        GC.KeepAlive(y);
    }

    public override void PrefixMask(Ids sizes, Tensor x)
    {
        Check(sizes.Count == x.Rows, $"PrefixMask: {sizes.Count} sizes for the rows of {x}");
        ForRows(x.Rows, x.Columns, (sizes, x), static (in work, start, end) =>
        {
            var (sizes, x) = work;
            int* kept = sizes.Pointer;
            for (int row = start; row < end; row++)
                Row(x, row)[Math.Clamp(kept[row], 0, x.Columns)..].Clear();
        });
    }

    public override void CopyColumns(
        Tensor source, ColumnRange from, Tensor destination, ColumnRange to, bool accumulate)
    {
        Check(
            source.Rows == destination.Rows && from.Count == to.Count && from.IsWithin(source.Columns) &&
            to.IsWithin(destination.Columns),
            $"CopyColumns: {from} of {source} to {to} of {destination}");
        ForRows(source.Rows, from.Count, (source, from, destination, to, accumulate), static (in work, start, end) =>
        {
            var (source, from, destination, to, accumulate) = work;
            bool contiguous = from.Step == 1 && to.Step == 1;
            for (int row = start; row < end; row++)
            {
                var values = Row(source, row);
                var target = Row(destination, row);
                if (contiguous)
                    CopyValues(values.Slice(from.Start, from.Count), target.Slice(to.Start, to.Count), accumulate);
                else
                    CopyEach(values, from, target, to, accumulate);
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyValues(ReadOnlySpan<float> from, Span<float> to, bool accumulate)
    {
        if (accumulate)
            TensorPrimitives.Add(to, from, to);
        else
            from.CopyTo(to);
    }

    private static void CopyEach(
        ReadOnlySpan<float> source, ColumnRange from, Span<float> destination, ColumnRange to, bool accumulate)
    {
        int at = from.Start, target = to.Start;
        for (int i = 0; i < from.Count; i++, at += from.Step, target += to.Step)
            destination[target] = source[at] + (accumulate ? destination[target] : 0);
    }

    /// <summary>Kernels follow row numbers through bare pointers, so a wrong one must stop here.</summary>
    private static void CheckRowIds(string operation, Ids rows, Tensor tensor)
    {
        var ids = new ReadOnlySpan<int>(rows.Pointer, rows.Count);
        if (rows.Count > 0)
        {
            int smallest = TensorPrimitives.Min(ids);
            int largest = TensorPrimitives.Max(ids);
            Check(
                smallest >= 0 && largest < tensor.Rows,
                $"{operation}: row numbers from {smallest} to {largest} for {tensor}");
        }

        GC.KeepAlive(rows);
    }
}
