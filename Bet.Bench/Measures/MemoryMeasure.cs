using System.Globalization;

namespace Bet.Bench.Measures;

/// <summary>
/// The memory of a whole process that reads its data, trains LightGCN with Adam for a few steps and evaluates once:
/// runtime, data, tables and all. The peer's reading starts after its data are prepared, and it does not evaluate.
/// </summary>
public static class MemoryMeasure
{
    public static Measure Measure { get; } =
        new("memory", "the most memory of a process that trains and evaluates LightGCN, d = 128", Cases);

    private static IEnumerable<MeasureCase> Cases(Workload work)
    {
        var child = Peer.Ours(StepCommand.Arguments(work, work.Threads), []);
        double prepared = child.Ask(StepCommand.Memory).GetProperty("peak_mb").GetDouble();
        double trained = 0, evaluated = 0;
        using var measured = new MeasureCase("memory", child)
        {
            Ours = () =>
            {
                trained = child.Run().PeakMegabytes!.Value;
                return null;
            },
            PeakMegabytes = () => evaluated = child.Ask(StepCommand.Evaluate).GetProperty("peak_mb").GetDouble(),
            Detail = _ => string.Create(
                CultureInfo.InvariantCulture,
                $"{work.Source}: LightGCN step, {RecommenderWork.Layers} layers, d = {RecommenderWork.Columns}, "
                + $"batch {RecommenderWork.BatchSize}; at most {prepared:0} MB resident when data and model are ready, "
                + $"{trained:0} MB after the steps, {evaluated:0} MB after an evaluation"),
            PeerScript = "torch_step.py",
            PeerArguments = work.PeerArguments(
                "--graph", work.GraphFile, "--columns", $"{RecommenderWork.Columns}", "--batch", $"{RecommenderWork.BatchSize}",
                "--layers", $"{RecommenderWork.Layers}", "--return-memory"),
        };
        yield return measured;
    }
}
