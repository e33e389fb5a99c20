using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// The contract on this machine's processor. Vector instructions of 512 bits where there are any, else 256, else
/// scalar; each operation's family is a partial file of its own beside this one.
/// </summary>
public sealed unsafe partial class CpuBackend : Backend
{
    private readonly Workers workers;

    /// <param name="threads">How many threads compute, the caller's included; 0 for one per processor.</param>
    public CpuBackend(int threads = 0)
    {
        Threads = threads > 0 ? threads : Environment.ProcessorCount;
        workers = new Workers(Threads);
    }

    public int Threads { get; }

    public override string Name => "cpu";

    public override string Description =>
        $"cpu, {(Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128)}-bit vectors, " +
        $"{Threads} threads";

    internal Workers Workers => workers;

    public override Tensor Allocate(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        return new Tensor(new CpuBuffer((long)rows * columns * sizeof(float)), rows, columns);
    }

    public override Ids AllocateIds(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new Ids(new CpuBuffer((long)count * sizeof(int)), count);
    }

    public override void Dispose() => workers.Dispose();

    /// <summary>64-byte aligned, zeroed host memory.</summary>
    private sealed class CpuBuffer(long bytes) : DeviceBuffer(Reserve(bytes), bytes)
    {
        protected override void Free(nint address) => NativeMemory.AlignedFree((void*)address);

        private static nint Reserve(long bytes)
        {
            nuint size = (nuint)Math.Max(bytes, 64);
            void* address = NativeMemory.AlignedAlloc(size, 64);
            NativeMemory.Clear(address, size);
            return (nint)address;
        }
    }
}
