using Bet.Engine.Search;

namespace Bet.Bench.Measures;

/// <summary>
/// One training update of the fitness predictor on 30 actions with their fitness: forward, gradients, Adam. The peer's
/// weights and fitness are its own: only time compares.
/// </summary>
public static class PredictorUpdateMeasure
{
    private const int Pairs = 30;

    public static Measure Measure { get; } = new("predictor-update", "one training update of the fitness predictor", Cases);

    private static IEnumerable<MeasureCase> Cases(Workload work)
    {
        var sizes = new SizesWorkload(work);
        (TableSizes, double)[] history = [.. sizes.Draw(Pairs).Select((action, i) => (action, 0.5 + (0.01 * i)))];
        var predictor = sizes.NewPredictor();
        int updates = 0;
        using var measured = new MeasureCase("predictor-update")
        {
            Ours = () =>
            {
                predictor.Update(history, ++updates);
                return null;
            },
            Detail = _ => $"{work.Source}: {Pairs} pairs over {work.Data.EntityCount} entities, one thread",
            PeerScript = "torch_predictor_update.py",
            PeerArguments = work.PeerArguments("--graph", work.GraphFile, "--batch", $"{Pairs}"),
        };
        yield return measured;
    }
}
