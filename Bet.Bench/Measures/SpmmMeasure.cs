using Bet.Engine.Compute;
using Bet.Engine.Data;

namespace Bet.Bench.Measures;

/// <summary>
/// One propagation of the normalised user-item graph: both blocks of A = [0 R; R' 0] times X [n, d], gathered as float32
/// and as bfloat16.
/// </summary>
public static class SpmmMeasure
{
    private static readonly (string Name, int Columns, GatherPrecision Precision)[] Products =
    [
        ("spmm-64", 64, GatherPrecision.Float32),
        ("spmm-64-bfloat16", 64, GatherPrecision.Bfloat16),
        ("spmm-128", 128, GatherPrecision.Float32),
        ("spmm-128-bfloat16", 128, GatherPrecision.Bfloat16),
    ];

    public static Measure Measure { get; } = new(
        "spmm", "one product of the normalised graph and all embeddings, d = 64 and 128",
        work => Products.SelectMany(product => Cases(work, product.Name, product.Columns, product.Precision)));

    private static IEnumerable<MeasureCase> Cases(
        Workload work, string name, int columns, GatherPrecision precision)
    {
        var backend = work.Backend;
        var (toUsers, toItems) = Graph.Normalised(work.Data.Train);
        var userItem = Upload(backend, toUsers);
        var itemUser = Upload(backend, toItems);
        var users = work.Random(userItem.Rows, columns, 0);
        var items = work.Random(itemUser.Rows, columns, 1);
        var userResult = backend.Allocate(userItem.Rows, columns);
        var itemResult = backend.Allocate(itemUser.Rows, columns);
        var copyMs = new Lazy<double>(() => CopyMeasure.Milliseconds(backend));
        using var measured = new MeasureCase(
            name, userItem, itemUser, users, items, userResult, itemResult)
        {
            Ours = () =>
            {
                backend.SpMM(1, userItem, items, 0, userResult, userResult, precision: precision);
                backend.SpMM(1, itemUser, users, 0, itemResult, itemResult, precision: precision);
                return null;
            },
            Repeats = 3,
            Detail = ms => $"{work.Source}: {users.Rows + items.Rows} nodes, {2 * userItem.NonZeros} non-zeros, "
                + $"d = {columns}, {Bytes(userItem, columns, precision) / ms / 1e6:F0} GB/s gathered and written, "
                + $"{Bytes(userItem, columns, precision) / ms / (CopyMeasure.Bytes / copyMs.Value):P0} of what a copy moves",
            PeerScript = "torch_spmm.py",
            PeerArguments = work.PeerArguments("--graph", work.GraphFile, "--columns", $"{columns}"),
        };
        yield return measured;
    }

    /// <summary>A row of X for every non-zero, a row of Y for every row, in both blocks; caches serve part of it.</summary>
    private static double Bytes(CsrMatrix block, int columns, GatherPrecision precision)
    {
        int gathered = precision == GatherPrecision.Float32 ? sizeof(float) : sizeof(ushort);
        return ((2.0 * block.NonZeros * gathered) + ((block.Rows + block.Columns) * sizeof(float))) * columns;
    }

    private static CsrMatrix Upload(Backend backend, CsrArrays matrix) =>
        backend.UploadCsr(matrix.Rows, matrix.Columns, matrix.RowOffsets, matrix.ColumnIds, matrix.Values);
}
