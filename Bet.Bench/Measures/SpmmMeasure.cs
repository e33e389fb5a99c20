using Bet.Engine.Compute;
using Bet.Engine.Data;

namespace Bet.Bench.Measures;

/// <summary>One propagation of the normalised user-item graph: both blocks of A = [0 R; R' 0] times X [n, 128].</summary>
public static class SpmmMeasure
{
    private const int Columns = 128;

    public static Measure Measure { get; } =
        new("spmm", "one product of the normalised graph and all embeddings", Cases);

    private static IEnumerable<MeasureCase> Cases(Workload work)
    {
        var backend = work.Backend;
        var (toUsers, toItems) = Graph.Normalised(work.Data.Train);
        var userItem = Upload(backend, toUsers);
        var itemUser = Upload(backend, toItems);
        var users = work.Random(userItem.Rows, Columns, 0);
        var items = work.Random(itemUser.Rows, Columns, 1);
        var userResult = backend.Allocate(userItem.Rows, Columns);
        var itemResult = backend.Allocate(itemUser.Rows, Columns);
        using var measured = new MeasureCase("spmm", userItem, itemUser, users, items, userResult, itemResult)
        {
            Ours = () =>
            {
                backend.SpMM(1, userItem, items, 0, userResult, userResult);
                backend.SpMM(1, itemUser, users, 0, itemResult, itemResult);
                return null;
            },
            Detail = ms => $"{work.Source}: {users.Rows + items.Rows} nodes, {2 * userItem.NonZeros} non-zeros, "
                + $"d = {Columns}, {4.0 * userItem.NonZeros * Columns / ms / 1e6:F0} GFLOP/s",
            PeerScript = "torch_spmm.py",
            PeerArguments = work.PeerArguments("--graph", work.GraphFile, "--columns", $"{Columns}"),
        };
        yield return measured;
    }

    private static CsrMatrix Upload(Backend backend, CsrArrays matrix) =>
        backend.UploadCsr(matrix.Rows, matrix.Columns, matrix.RowOffsets, matrix.ColumnIds, matrix.Values);
}
