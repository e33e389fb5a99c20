using System.Globalization;
using Bet.Engine.Compute;

namespace Bet.Bench.Reproduction;

/// <summary>
/// docs/reproduction.md, every run beside its published numbers, its settings and its learning curve; and docs/tuning.md,
/// the runs by which settings were found.
/// </summary>
public static class ReproductionPage
{
    /// <summary>Of docs/reproduction.md.</summary>
    public const string Reproduction =
        """
        # Reproduction

        Written by `Bet.Bench reproduce` from `bench/results/reproduction/*.json`; do not edit. Every run trains full tables
        on the whole train list of the data set's usual split and ends after the epochs it was given: nothing is chosen by
        the test list, which is only ranked (all items, train items left out) and counted. Seconds are wall time, on a machine that
        may have done other work beside. Again, stopped and resumed at will:

            dotnet run -c Release --project Bet.Bench -- reproduce
        """;

    /// <summary>Of docs/tuning.md.</summary>
    public const string Tuning =
        """
        # Tuning

        Written by `Bet.Bench reproduce` from `bench/results/tuning/*.json`, which `Bet.Bench train --out` writes; do not
        edit. Trials of settings, on the test part of the usual split as in [reproduction](reproduction.md), most of them
        short and some stopped when they had said enough, on a machine that did other work beside them: times are no
        measurements. What follows from them is in [defaults](defaults.md).
        """;

    public static void Write(string path, string introduction, IReadOnlyList<TrainingRunResult> results)
    {
        using var writer = new StreamWriter(path) { NewLine = "\n" };
        writer.WriteLine(introduction);
        writer.WriteLine();
        writer.WriteLine("| run | Recall@20 | NDCG@20 | to reach | epochs | minutes | ms a step | settings |");
        writer.WriteLine("|-----|----------:|--------:|----------|-------:|--------:|----------:|----------|");
        foreach (var result in results)
            writer.WriteLine(Row(result));
        foreach (var result in results)
            WriteCurve(writer, result);
    }

    private static string Row(TrainingRunResult result)
    {
        var last = result.Curve[^1];
        string target = result.TargetRecall is { } recall
            ? Invariant($"{recall:0.0000} / {result.TargetNdcg:0.0000}, {result.Source}")
            : "";
        string epochs = result.Finished ? $"{last.Epoch}" : $"{last.Epoch} of {result.Training.Epochs}, not finished";
        return Invariant($"| {result.Name} | {last.RecallAt20:0.0000} | {last.NdcgAt20:0.0000} | {target} | {epochs} | {last.Seconds / 60:0.0} | {last.MillisecondsPerStep:0.0} | {Settings(result)} |");
    }

    private static string Settings(TrainingRunResult result)
    {
        var (backbone, training) = (result.Backbone, result.Training);
        string loss = training.Loss.Name == Engine.Backbones.LossRegistry.Softmax
            ? Invariant($"softmax over {training.Loss.Negatives}, temperature {training.Loss.Temperature}{(training.Loss.Cosine ? ", cosine" : "")}")
            : training.Loss.Name;
        string dropout = backbone.MessageDropout > 0 ? Invariant($", message dropout {backbone.MessageDropout}") : "";
        string gathers = backbone is { Name: "lightgcn", TrainingGathers: GatherPrecision.Bfloat16 } ? ", gathers of bfloat16" : "";
        return Invariant($"{result.Dataset}, {backbone.Name}, d = {backbone.MaximumSize}, {backbone.Layers} layers{dropout}{gathers}, first values of deviation {backbone.InitialDeviation}; {loss}; batch {training.BatchSize}, rate {training.Schedule.First} to {training.Schedule.Last} ({training.Schedule.Decay.ToString().ToLowerInvariant()}), L2 {training.L2}{(training.Beta2 == 0.999f ? "" : Invariant($", beta2 {training.Beta2}"))}");
    }

    private static void WriteCurve(StreamWriter writer, TrainingRunResult result)
    {
        writer.WriteLine();
        writer.WriteLine($"## {result.Name}");
        writer.WriteLine();
        writer.WriteLine($"{result.Machine}. Commit {result.Commit}, seed {result.Backbone.Seed}, {result.Date}.");
        writer.WriteLine();
        writer.WriteLine("| epoch | loss | Recall@20 | NDCG@20 | seconds |");
        writer.WriteLine("|------:|-----:|----------:|--------:|--------:|");
        foreach (var point in result.Curve)
            writer.WriteLine(Invariant($"| {point.Epoch} | {point.Loss:0.0000} | {point.RecallAt20:0.0000} | {point.NdcgAt20:0.0000} | {point.Seconds:0} |"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
