namespace Bet.Bench.Measures;

/// <summary>
/// The 20 best items of every user, training items left out. The peer only computes the scores, block by block: a
/// bound that no selection behind that library can beat.
/// </summary>
public static class TopKMeasure
{
    private const int Columns = 128;
    private const int K = 20;

    public static Measure Measure { get; } = new("topk", "the best 20 items of every user", Cases);

    private static IEnumerable<MeasureCase> Cases(Workload work)
    {
        var train = work.Data.Train;
        var users = work.Random(train.UserCount, Columns, 0);
        var items = work.Random(train.ItemCount, Columns, 1);
        var offsets = work.Upload(train.Offsets);
        var excluded = work.Upload(train.Items);
        var result = work.Backend.AllocateIds(train.UserCount * K);
        using var measured = new MeasureCase("topk", users, items, offsets, excluded, result)
        {
            Ours = () =>
            {
                work.Backend.TopK(users, items, offsets, excluded, K, result);
                return null;
            },
            Detail = ms => $"{work.Source}: {users.Rows} users x {items.Rows} items, d = {Columns}, k = {K}, "
                + $"{2.0 * users.Rows * items.Rows * Columns / ms / 1e6:F0} GFLOP/s; the peer's are the scores alone",
            PeerScript = "numpy_gemm.py",
            PeerArguments = work.PeerArguments(
                "--rows", $"{users.Rows}", "--inner", $"{items.Rows}", "--columns", $"{Columns}", "--batch", "1024"),
        };
        yield return measured;
    }
}
