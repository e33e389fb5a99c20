using System.Runtime.InteropServices;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Allocation, copies to and from the caller's arrays, and constant fills.</summary>
public sealed unsafe partial class CpuBackend
{
    public override Tensor Allocate(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        return new Tensor(new CpuBuffer((long)rows * columns * sizeof(float), footprint), rows, columns);
    }

    public override Ids AllocateIds(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new Ids(new CpuBuffer((long)count * sizeof(int), footprint), count);
    }

    public override CsrMatrix UploadCsr(
        int rows, int columns, ReadOnlySpan<int> rowOffsets, ReadOnlySpan<int> columnIds, ReadOnlySpan<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        CheckCsr(rows, columns, rowOffsets, columnIds, values.Length);
        var offsets = AllocateIds(rowOffsets.Length);
        var ids = AllocateIds(columnIds.Length);
        var weights = Allocate(1, values.Length);
        Upload(rowOffsets, offsets);
        Upload(columnIds, ids);
        Upload(values, weights);
        return new CsrMatrix(rows, columns, offsets, ids, weights);
    }

    public override void Upload(ReadOnlySpan<float> source, Tensor destination)
    {
        Check(source.Length == destination.Length, $"Upload: {source.Length} values do not fill {destination}");
        source.CopyTo(new Span<float>(destination.Pointer, source.Length));
        GC.KeepAlive(destination);
    }

    public override void Upload(ReadOnlySpan<int> source, Ids destination)
    {
        Check(source.Length == destination.Count, $"Upload: {source.Length} values do not fill {destination}");
        source.CopyTo(new Span<int>(destination.Pointer, source.Length));
        GC.KeepAlive(destination);
    }

    public override void Download(Tensor source, Span<float> destination)
    {
        Check(source.Length == destination.Length, $"Download: {source} does not fill {destination.Length} values");
        new ReadOnlySpan<float>(source.Pointer, destination.Length).CopyTo(destination);
        GC.KeepAlive(source);
    }

    public override void Download(Ids source, Span<int> destination)
    {
        Check(source.Count == destination.Length, $"Download: {source} does not fill {destination.Length} values");
        new ReadOnlySpan<int>(source.Pointer, destination.Length).CopyTo(destination);
        GC.KeepAlive(source);
    }

    public override void Fill(Tensor destination, float value) =>
        ForValues(destination.Length, (destination, value), static (in work, start, count) =>
            new Span<float>(work.destination.Pointer + start, count).Fill(work.value));

    /// <summary>Everything a kernel relies on without looking: it reads and writes through bare pointers.</summary>
    private static void CheckCsr(
        int rows, int columns, ReadOnlySpan<int> rowOffsets, ReadOnlySpan<int> columnIds, int valueCount)
    {
        Check(
            columnIds.Length == valueCount,
            $"UploadCsr: {columnIds.Length} column ids, but {valueCount} values");
        Check(
            rowOffsets.Length == rows + 1,
            $"UploadCsr: {rows} rows need {rows + 1} offsets, not {rowOffsets.Length}");
        Check(
            rowOffsets[0] == 0 && rowOffsets[rows] == columnIds.Length,
            $"UploadCsr: offsets run from {rowOffsets[0]} to {rowOffsets[rows]}, not from 0 to {columnIds.Length}");
        for (int row = 0; row < rows; row++)
        {
            if (rowOffsets[row] > rowOffsets[row + 1])
                throw new ArgumentException($"UploadCsr: the offsets fall after row {row}");
        }

        foreach (int column in columnIds)
        {
            if ((uint)column >= (uint)columns)
                throw new ArgumentException($"UploadCsr: column id {column} is outside [0, {columns})");
        }

        for (int row = 0; row < rows; row++)
        {
            for (int k = rowOffsets[row] + 1; k < rowOffsets[row + 1]; k++)
            {
                if (columnIds[k] <= columnIds[k - 1])
                    throw new ArgumentException($"UploadCsr: the column ids of row {row} do not rise");
            }
        }
    }

    /// <summary>64-byte aligned, zeroed host memory.</summary>
    private sealed class CpuBuffer(long bytes, Footprint footprint) : DeviceBuffer(Reserve(bytes, footprint), bytes)
    {
        protected override void Free(nint address)
        {
            NativeBlock.Free((void*)address, Bytes);
            footprint.Add(-Bytes);
        }

        private static nint Reserve(long bytes, Footprint footprint)
        {
            void* address = NativeBlock.Allocate(bytes);
            NativeMemory.Clear(address, (nuint)bytes);
            footprint.Add(bytes);
            return (nint)address;
        }
    }
}
