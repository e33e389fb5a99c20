namespace Bet.Engine.Compute;

/// <summary>
/// A two-dimensional, contiguous, row-major float32 array in the memory of one <see cref="Backend"/>.
/// Shape <c>[Rows, Columns]</c>; element (r, c) is at offset <c>r * Columns + c</c>.
/// </summary>
public sealed unsafe class Tensor : IDisposable
{
    private readonly DeviceBuffer buffer;

    internal Tensor(DeviceBuffer buffer, int rows, int columns)
    {
        this.buffer = buffer;
        Rows = rows;
        Columns = columns;
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Number of values, <c>Rows * Columns</c>.</summary>
    public long Length => (long)Rows * Columns;

    /// <summary>The first element, in the device's address space; 64-byte aligned.</summary>
    internal float* Pointer => (float*)buffer.Address;

    public override string ToString() => $"[{Rows}, {Columns}]";

    public void Dispose() => buffer.Dispose();
}
