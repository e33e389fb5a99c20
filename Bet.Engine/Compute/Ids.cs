namespace Bet.Engine.Compute;

/// <summary>A vector of int32 (row numbers, sizes, counts) in the memory of one <see cref="Backend"/>.</summary>
public sealed unsafe class Ids : IDisposable
{
    private readonly DeviceBuffer buffer;

    internal Ids(DeviceBuffer buffer, int count)
    {
        this.buffer = buffer;
        Count = count;
    }

    public int Count { get; }

    /// <summary>The first element, in the device's address space; 64-byte aligned.</summary>
    internal int* Pointer => (int*)buffer.Address;

    public override string ToString() => $"[{Count}]";

    public void Dispose() => buffer.Dispose();
}
