using Bet.Engine.Search;

namespace Bet.Bench.Measures;

/// <summary>Predicts the fitness of 2,000 actions at 90 % sparsity. The peer's weights are its own: only time compares.</summary>
public static class PredictorMeasure
{
    private const int Actions = 2_000;

    public static Measure Measure { get; } = new("predictor", "actions whose fitness is predicted a second", Cases);

    private static IEnumerable<MeasureCase> Cases(Workload work)
    {
        var sizes = new SizesWorkload(work);
        TableSizes[] actions = sizes.Draw(Actions);
        var predictor = sizes.NewPredictor();
        using var measured = new MeasureCase("predictor")
        {
            Ours = () =>
            {
                predictor.Score(actions);
                return null;
            },
            Detail = ms => $"{work.Source}: {Actions} actions over {work.Data.EntityCount} entities, "
                + $"{Actions / ms * 1e3:F0} actions a second",
            PeerScript = "torch_predictor.py",
            PeerArguments = work.PeerArguments("--graph", work.GraphFile, "--batch", $"{Actions}"),
        };
        yield return measured;
    }
}
