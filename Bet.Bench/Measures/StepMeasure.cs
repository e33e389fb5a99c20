namespace Bet.Bench.Measures;

/// <summary>
/// One training step: sampling, the forward pass, BPR and L2 of 8192 triples, gradients, Adam. The peer's batches are
/// drawn beforehand.
/// </summary>
public static class StepMeasure
{
    /// <summary>Steps in a row: some 100 ms or more.</summary>
    private static readonly (string Name, string Backbone, int Columns, int Repeats)[] Steps =
    [
        ("step-64", "lightgcn", 64, 3),
        ("step-128", "lightgcn", 128, 2),
        ("ngcf-128", "ngcf", 128, 1),
        ("ncf-128", "ncf", 128, 5),
        ("mf-128", "mf", 128, 10),
    ];

    public static Measure Measure { get; } = new(
        "step", "one training step of every recommender",
        work => Steps.SelectMany(step => Cases(work, step.Name, step.Backbone, step.Columns, step.Repeats)));

    private static IEnumerable<MeasureCase> Cases(Workload work, string name, string backbone, int columns, int repeats)
    {
        var trained = new RecommenderWork(work, backbone, columns);
        using var measured = new MeasureCase(name, trained)
        {
            Ours = () =>
            {
                trained.Step();
                return null;
            },
            Repeats = repeats,
            Detail = _ => $"{work.Source}: {backbone}, {work.Data.EntityCount} nodes, {2 * work.Data.Train.Count} non-zeros, "
                + $"d = {columns}, batch {RecommenderWork.BatchSize}, Adam; ours samples its batch too",
            PeerScript = "torch_step.py",
            PeerArguments = work.PeerArguments(
                "--graph", work.GraphFile, "--columns", $"{columns}", "--batch", $"{RecommenderWork.BatchSize}",
                "--layers", $"{RecommenderWork.Layers}", "--model", backbone),
        };
        yield return measured;
    }
}
