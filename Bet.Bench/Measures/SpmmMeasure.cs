using Bet.Engine.Compute;
using Bet.Engine.Data;

namespace Bet.Bench.Measures;

/// <summary>One propagation of the normalised user-item graph: both blocks of A = [0 R; R' 0] times X [n, d].</summary>
public static class SpmmMeasure
{
    private static readonly int[] Widths = [64, 128];

    public static Measure Measure { get; } = new(
        "spmm", "one product of the normalised graph and all embeddings, d = 64 and 128",
        work => Widths.SelectMany(columns => Cases(work, columns)));

    private static IEnumerable<MeasureCase> Cases(Workload work, int columns)
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
        using var measured = new MeasureCase($"spmm-{columns}", userItem, itemUser, users, items, userResult, itemResult)
        {
            Ours = () =>
            {
                backend.SpMM(1, userItem, items, 0, userResult, userResult);
                backend.SpMM(1, itemUser, users, 0, itemResult, itemResult);
                return null;
            },
            Repeats = 3,
            Detail = ms => $"{work.Source}: {users.Rows + items.Rows} nodes, {2 * userItem.NonZeros} non-zeros, "
                + $"d = {columns}, {Bytes(userItem, columns) / ms / 1e6:F0} GB/s gathered and written, "
                + $"{Bytes(userItem, columns) / ms / (CopyMeasure.Bytes / copyMs.Value):P0} of what a copy moves",
            PeerScript = "torch_spmm.py",
            PeerArguments = work.PeerArguments("--graph", work.GraphFile, "--columns", $"{columns}"),
        };
        yield return measured;
    }

    /// <summary>A row of X for every non-zero, a row of Y for every row, in both blocks; caches serve part of it.</summary>
    private static double Bytes(CsrMatrix block, int columns) =>
        ((2.0 * block.NonZeros) + block.Rows + block.Columns) * columns * sizeof(float);

    private static CsrMatrix Upload(Backend backend, CsrArrays matrix) =>
        backend.UploadCsr(matrix.Rows, matrix.Columns, matrix.RowOffsets, matrix.ColumnIds, matrix.Values);
}
