using System.Diagnostics;
using Bet.Engine.Compute;

namespace Bet.Bench.Measures;

/// <summary>
/// Copies 256 MB with our threads. What the memory moves in it, bytes read plus bytes written, bounds every product
/// with a sparse matrix.
/// </summary>
public static class CopyMeasure
{
    private const int Rows = 1000;
    private const int Columns = 64_000;
    private const int Repeats = 11;

    public static Measure Measure { get; } = new("copy", "copying 256 MB: what the memory moves", Cases);

    /// <summary>Reads and writes of one copy.</summary>
    public static double Bytes => 2.0 * Rows * Columns * sizeof(float);

    /// <summary>The median of a few copies, for measures that report their share of it.</summary>
    public static double Milliseconds(Backend backend)
    {
        using var source = backend.Allocate(Rows, Columns);
        using var destination = backend.Allocate(Rows, Columns);
        var times = new double[Repeats];
        for (int i = 0; i < Repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            backend.CopyColumns(source, new ColumnRange(0, Columns), destination, new ColumnRange(0, Columns), accumulate: false);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return times.Order().ElementAt(Repeats / 2);
    }

    private static IEnumerable<MeasureCase> Cases(Workload work)
    {
        var source = work.Backend.Allocate(Rows, Columns);
        var destination = work.Backend.Allocate(Rows, Columns);
        using var measured = new MeasureCase("copy", source, destination)
        {
            Ours = () =>
            {
                work.Backend.CopyColumns(source, new ColumnRange(0, Columns), destination, new ColumnRange(0, Columns), accumulate: false);
                return null;
            },
            Detail = ms => $"[{Rows}, {Columns}], {Bytes / ms / 1e6:F0} GB/s read and written",
            PeerScript = "torch_copy.py",
            PeerArguments = work.PeerArguments("--rows", $"{Rows}", "--columns", $"{Columns}"),
        };
        yield return measured;
    }
}
