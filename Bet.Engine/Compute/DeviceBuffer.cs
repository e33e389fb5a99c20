namespace Bet.Engine.Compute;

/// <summary>An owned block of device memory. Freed once, by <see cref="Dispose"/> or by the finaliser.</summary>
internal abstract class DeviceBuffer : IDisposable
{
    private nint address;

    protected DeviceBuffer(nint address, long bytes)
    {
        this.address = address;
        Bytes = bytes;
        if (bytes > 0)
            GC.AddMemoryPressure(bytes);
    }

    ~DeviceBuffer() => Release();

    /// <summary>Device address; 64-byte aligned.</summary>
    /// <exception cref="ObjectDisposedException">The memory has been freed.</exception>
    public nint Address => address != 0 ? address : throw new ObjectDisposedException(nameof(Tensor));

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
        nint owned = Interlocked.Exchange(ref address, 0);
        if (owned == 0)
            return;
        Free(owned);
        if (Bytes > 0)
            GC.RemoveMemoryPressure(Bytes);
    }
}
