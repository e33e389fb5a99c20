namespace Bet.Bench.Measures;

/// <summary>
/// What threads and vector instructions bring to a training step: the same program in its usual configuration and, as
/// the peer, in another one. The weights must be the same bits for any number of threads.
/// </summary>
public static class ThreadsMeasure
{
    private const int HashedSteps = 5;
    private const int StepsARun = 3;

    private static readonly int[] HashedThreads = [1, 2, 3, 8];

    /// <summary>Switches of the .NET runtime; each leaves out what is wider than the next vector width.</summary>
    private static readonly (string Name, string Off)[] Configurations =
    [
        ("step-no-512", "DOTNET_EnableAVX512"),
        ("step-no-256", "DOTNET_EnableAVX2"),
        ("step-no-simd", "DOTNET_EnableHWIntrinsic"),
    ];

    public static Measure Measure { get; } =
        new("threads", "one training step of LightGCN with fewer threads and without vector instructions", Cases);

    private static IEnumerable<MeasureCase> Cases(Workload work)
    {
        string hash = CommonHash(work);
        string sameBits = $"the same weights after {HashedSteps} steps with {string.Join(", ", HashedThreads)} threads "
            + $"(SHA-256 {hash}...)";
        using (var fewer = Case(work, "step-1-thread", sameBits, threads: 1))
            yield return fewer;
        foreach (var (name, off) in Configurations)
        {
            using var narrower = Case(work, name, $"the peer with {off}=0", work.Threads, (off, "0"));
            yield return narrower;
        }
    }

    private static MeasureCase Case(
        Workload work, string name, string words, int threads, params (string Name, string Value)[] environment)
    {
        var ours = new RecommenderWork(work);
        return new MeasureCase(name, ours)
        {
            Ours = () =>
            {
                ours.Step();
                return null;
            },
            Repeats = StepsARun,
            Detail = _ => $"{work.Source}: LightGCN step, {RecommenderWork.Layers} layers, d = {RecommenderWork.Columns}, "
                + $"batch {RecommenderWork.BatchSize}, {work.Threads} threads; {words}",
            StartPeer = () => Peer.Ours(StepCommand.Arguments(work, threads), environment),
        };
    }

    /// <exception cref="InvalidOperationException">The weights differ.</exception>
    private static string CommonHash(Workload work)
    {
        var hashes = HashedThreads.Select(threads => (Threads: threads, Hash: HashOf(work, threads))).ToList();
        return hashes.All(h => h.Hash == hashes[0].Hash)
            ? hashes[0].Hash
            : throw new InvalidOperationException(
                "the weights depend on the number of threads: " + string.Join(", ", hashes.Select(h => $"{h.Threads}: {h.Hash}")));
    }

    private static string HashOf(Workload work, int threads)
    {
        using var child = Peer.Ours(StepCommand.Arguments(work, threads), []);
        child.Run(HashedSteps);
        return child.Ask(StepCommand.Weights).GetProperty("weights").GetString()!;
    }
}
