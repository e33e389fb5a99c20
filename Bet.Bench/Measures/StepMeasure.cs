namespace Bet.Bench.Measures;

/// <summary>
/// One training step: sampling, the forward pass, BPR and L2 of 8192 triples, gradients, Adam. The peer's batches are
/// drawn beforehand.
/// </summary>
public static class StepMeasure
{
    private static readonly (string Name, string Backbone, int Columns)[] Steps =
    [
        ("step-64", "lightgcn", 64),
        ("step-128", "lightgcn", 128),
        ("ngcf-128", "ngcf", 128),
        ("ncf-128", "ncf", 128),
        ("mf-128", "mf", 128),
    ];

    public static Measure Measure { get; } = new(
        "step", "one training step of every recommender",
        work => Steps.SelectMany(step => Cases(work, step.Name, step.Backbone, step.Columns)));

    private static IEnumerable<MeasureCase> Cases(Workload work, string name, string backbone, int columns)
    {
        var trained = new RecommenderWork(work, backbone, columns);
        using var measured = new MeasureCase(name, trained)
        {
            Ours = () =>
            {
                trained.Step();
                return null;
            },
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
