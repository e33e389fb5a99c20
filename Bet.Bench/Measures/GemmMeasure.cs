namespace Bet.Bench.Measures;

/// <summary>
/// Dense products: the shape of scores, and those of the layers of NGCF (every node's vector times a matrix), of NeuMF
/// (a batch and its negatives times a tower's matrices) and of a softmax over a batch, each with its gradients.
/// </summary>
public static class GemmMeasure
{
    private const int Nodes = 70_839;

    /// <summary>Of one run: some 30 ms on two cores.</summary>
    private const double OperationsARun = 5e9;

    private static readonly Shape[] Shapes =
    [
        new("gemm", 4096, 128, 4096, TransposeB: true),
        new("gemm-ngcf-64", Nodes, 64, 64),
        new("gemm-ngcf-64-input", Nodes, 64, 64, TransposeB: true),
        new("gemm-ngcf-64-weight", 64, Nodes, 64, TransposeA: true),
        new("gemm-ngcf-128", Nodes, 128, 128),
        new("gemm-ngcf-128-weight", 128, Nodes, 128, TransposeA: true),
        new("gemm-neumf-1", 16_384, 128, 64),
        new("gemm-neumf-1-input", 16_384, 64, 128, TransposeB: true),
        new("gemm-neumf-1-weight", 128, 16_384, 64, TransposeA: true),
        new("gemm-neumf-2", 16_384, 64, 32),
        new("gemm-neumf-2-weight", 64, 16_384, 32, TransposeA: true),
        new("gemm-neumf-3", 16_384, 32, 16),
        new("gemm-neumf-3-weight", 32, 16_384, 16, TransposeA: true),
        new("gemm-softmax-128", 8192, 64, 128, TransposeB: true),
        new("gemm-softmax-512", 8192, 64, 512, TransposeB: true),
    ];

    public static Measure Measure { get; } = new(
        "gemm", "dense products of the shapes in use", work => Shapes.SelectMany(shape => Cases(work, shape)));

    private static IEnumerable<MeasureCase> Cases(Workload work, Shape shape)
    {
        var (name, rows, depth, columns, transposeA, transposeB) = shape;
        var a = transposeA ? work.Random(depth, rows, 0) : work.Random(rows, depth, 0);
        var b = transposeB ? work.Random(columns, depth, 1) : work.Random(depth, columns, 1);
        var c = work.Backend.Allocate(rows, columns);
        double operations = 2.0 * rows * depth * columns;
        string transposed = transposeA ? "a" : transposeB ? "b" : "none";
        using var measured = new MeasureCase(name, a, b, c)
        {
            Ours = () =>
            {
                work.Backend.Gemm(transposeA, transposeB, 1, a, b, 0, c);
                return null;
            },
            Repeats = (int)Math.Ceiling(OperationsARun / operations),
            Detail = ms => $"[{rows}, {depth}] x [{depth}, {columns}], transposed: {transposed}, "
                + $"{operations / ms / 1e6:F0} GFLOP/s",
            PeerScript = "numpy_gemm.py",
            PeerArguments = work.PeerArguments(
                "--rows", $"{rows}", "--inner", $"{columns}", "--columns", $"{depth}", "--batch", $"{rows}",
                "--transposed", transposed),
        };
        yield return measured;
    }

    /// <summary>C [rows, columns] = A B over the depth; a transposed operand is stored the other way round.</summary>
    private sealed record Shape(
        string Name, int Rows, int Depth, int Columns, bool TransposeA = false, bool TransposeB = false);
}
