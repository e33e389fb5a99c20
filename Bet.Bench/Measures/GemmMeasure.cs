namespace Bet.Bench.Measures;

/// <summary>C = A B', [4096, 128] times [4096, 128] transposed: the shape of scores.</summary>
public static class GemmMeasure
{
    private const int Rows = 4096;
    private const int Columns = 128;

    public static Measure Measure { get; } = new("gemm", "one dense product of the shape of scores", Cases);

    private static IEnumerable<MeasureCase> Cases(Workload work)
    {
        var a = work.Random(Rows, Columns, 0);
        var b = work.Random(Rows, Columns, 1);
        var c = work.Backend.Allocate(Rows, Rows);
        using var measured = new MeasureCase("gemm", a, b, c)
        {
            Ours = () =>
            {
                work.Backend.Gemm(false, true, 1, a, b, 0, c);
                return null;
            },
            Detail = ms => $"[{Rows}, {Columns}] x [{Columns}, {Rows}], "
                + $"{2.0 * Rows * Rows * Columns / ms / 1e6:F0} GFLOP/s",
            PeerScript = "numpy_gemm.py",
            PeerArguments = work.PeerArguments(
                "--rows", $"{Rows}", "--inner", $"{Rows}", "--columns", $"{Columns}", "--batch", $"{Rows}"),
        };
        yield return measured;
    }
}
