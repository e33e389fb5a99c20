using System.Diagnostics;
using Bet.Engine.Compute;

namespace Bet.Bench.Profiling;

/// <summary>
/// What a device does at best, as its own backend does it: over 256 MiB, and for a product of two [2048, 2048] matrices.
/// </summary>
/// <param name="CopyGigabytes">GB/s read and written by a copy.</param>
/// <param name="UpdateGigabytes">GB/s read and written by a change in place, which spares fetching the destination.</param>
/// <param name="ReadGigabytes">GB/s read by a sum.</param>
/// <param name="GemmGigaflops">GFLOP/s of the dense product.</param>
public sealed record MachineLimits(
    double CopyGigabytes, double UpdateGigabytes, double ReadGigabytes, double GemmGigaflops)
{
    private const int MemoryRows = 1 << 16;
    private const int MemoryColumns = 1 << 10;
    private const int GemmSize = 2048;
    private const int Tries = 9;

    /// <summary>The most of the three, GB/s: what an operation's bytes are held against.</summary>
    public double MemoryGigabytes => Math.Max(CopyGigabytes, Math.Max(UpdateGigabytes, ReadGigabytes));

    /// <summary>The best of some tries: a limit is what was reached once.</summary>
    public static MachineLimits Measure(Backend backend)
    {
        using var bias = backend.Allocate(1, MemoryColumns);
        using var source = backend.Allocate(MemoryRows, MemoryColumns);
        using var copy = backend.Allocate(MemoryRows, MemoryColumns);
        using var a = backend.Allocate(GemmSize, GemmSize);
        using var b = backend.Allocate(GemmSize, GemmSize);
        using var c = backend.Allocate(GemmSize, GemmSize);
        backend.FillUniform(new Philox(1, RandomPurpose.Test), -1, 1, a);
        backend.FillUniform(new Philox(2, RandomPurpose.Test), -1, 1, b);
        double bytes = sizeof(float) * source.Length;
        return new MachineLimits(
            2 * bytes / Best(() => backend.Axpby(1, source, 0, copy)) / 1e6,
            2 * bytes / Best(() => backend.AddBias(bias, copy)) / 1e6,
            bytes / Best(() => backend.SquaredNorm(1, source)) / 1e6,
            2.0 * GemmSize * GemmSize * GemmSize / Best(() => backend.Gemm(false, false, 1, a, b, 0, c)) / 1e6);
    }

    /// <summary>The better of two measurements, limit by limit.</summary>
    public MachineLimits Or(MachineLimits other) => new(
        Math.Max(CopyGigabytes, other.CopyGigabytes), Math.Max(UpdateGigabytes, other.UpdateGigabytes),
        Math.Max(ReadGigabytes, other.ReadGigabytes), Math.Max(GemmGigaflops, other.GemmGigaflops));

    /// <summary>The least milliseconds for these bytes and floating-point operations, whichever takes longer.</summary>
    public double LeastMilliseconds(OperationTotals work) =>
        Math.Max(work.Bytes / MemoryGigabytes, work.FloatingPoint / GemmGigaflops) / 1e6;

    /// <summary>Whether floating-point operations, not bytes, set the limit.</summary>
    public bool IsComputeBound(OperationTotals work) => work.FloatingPoint / GemmGigaflops > work.Bytes / MemoryGigabytes;

    private static double Best(Action run)
    {
        run();
        return Enumerable.Range(0, Tries).Min(_ =>
        {
            long start = Stopwatch.GetTimestamp();
            run();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        });
    }
}
