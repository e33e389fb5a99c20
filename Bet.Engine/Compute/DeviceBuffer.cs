namespace Bet.Engine.Compute;

/// <summary>An owned block of device memory. Freed once, by <see cref="Dispose"/> or by the finaliser.</summary>
internal abstract class DeviceBuffer : IDisposable
{
    protected DeviceBuffer(nint address, long bytes)
    {
        Address = address;
        Bytes = bytes;
        if (bytes > 0)
            GC.AddMemoryPressure(bytes);
    }

    ~DeviceBuffer() => Release();

    /// <summary>Device address; 64-byte aligned. Zero once freed.</summary>
    public nint Address { get; private set; }

    public long Bytes { get; }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns the memory at <paramref name="address"/> to the device.</summary>
    protected abstract void Free(nint address);

    private void Release()
    {
        if (Address == 0)
            return;
        Free(Address);
        Address = 0;
        if (Bytes > 0)
            GC.RemoveMemoryPressure(Bytes);
    }
}
