using Bet.Engine.Backbones;
using Bet.Engine.Training;

namespace Bet.Bench.Measures;

/// <summary>
/// One training step of LightGCN: sampling, 3 layers of propagation, BPR and L2 of 8192 triples, gradients, Adam. The
/// peer's batches are drawn beforehand.
/// </summary>
public static class StepMeasure
{
    private const int Layers = 3;
    private const int BatchSize = 8192;
    private const float LearningRate = 0.01f;
    private const float L2 = 1e-4f;

    public static Measure Measure { get; } =
        new("step", "one training step of LightGCN, d = 64 and 128", work => new[] { 64, 128 }.SelectMany(d => Cases(work, d)));

    private static IEnumerable<MeasureCase> Cases(Workload work, int columns)
    {
        var backend = work.Backend;
        var data = work.Data;
        var recommender = new Recommender(
            backend, data,
            new BackboneOptions { Name = "lightgcn", MaximumSize = columns, Layers = Layers, Seed = work.Seed });
        var options = new TrainingOptions(
            Epochs: 1, BatchSize, new LearningRateSchedule(LearningRate, LearningRate), L2, EvaluateEvery: 1, Patience: 1,
            LossOptions.Bpr);
        var trainer = new Trainer(backend, recommender.Backbone, data, options, work.Seed, evaluator: null);
        int wholeBatches = Math.Max(1, data.Train.Count / BatchSize);
        int steps = 0;
        using var measured = new MeasureCase($"step-{columns}", trainer, recommender)
        {
            Ours = () =>
            {
                trainer.TrainStep(steps / wholeBatches, steps % wholeBatches);
                steps++;
                return null;
            },
            Detail = _ => $"{work.Source}: LightGCN, {Layers} layers, {data.EntityCount} nodes, "
                + $"{2 * data.Train.Count} non-zeros, d = {columns}, batch {BatchSize}, Adam; ours samples its batch too",
            PeerScript = "torch_step.py",
            PeerArguments = work.PeerArguments(
                "--graph", work.GraphFile, "--columns", $"{columns}", "--batch", $"{BatchSize}", "--layers", $"{Layers}"),
        };
        yield return measured;
    }
}
