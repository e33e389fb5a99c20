using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

/// <summary>What a step takes once its buffers are there.</summary>
internal static class WarmedStep
{
    private const int Warming = 50, Measured = 20;

    /// <summary>
    /// No step takes memory of the backend, and of this thread's managed memory the most thrifty one takes so much at most:
    /// others may meet a method that is just compiled again.
    /// </summary>
    public static void AllocatesAtMost(long managedBytes, CpuBackend backend, Action step)
    {
        for (int i = 0; i < Warming; i++)
            step();
        long native = backend.AllocatedBytes;
        long least = long.MaxValue;
        for (int i = 0; i < Measured; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            step();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(least, 0, managedBytes);
        Assert.Equal(native, backend.AllocatedBytes);
    }
}
