using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bet.Engine.Evaluation;
using Bet.Engine.Training;

namespace Bet.Bench.Reproduction;

/// <summary>Trains a run to its end, or on from its checkpoint, and stores its curve after every point.</summary>
public sealed class RunTrainer(TrainingRun run, Workload work, string results, string checkpoints)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly List<CurvePoint> curve = [];

    private string ResultFile => Path.Combine(results, run.Name + ".json");

    private string CheckpointFile => Path.Combine(checkpoints, run.Name + ".safetensors");

    public static TrainingRunResult Read(string path) =>
        JsonSerializer.Deserialize<TrainingRunResult>(File.ReadAllText(path), Json)
        ?? throw new JsonException($"{path}: not a run's result");

    /// <summary>The run's result; a run that is finished already is not trained again.</summary>
    public TrainingRunResult Train()
    {
        Directory.CreateDirectory(results);
        Directory.CreateDirectory(checkpoints);
        var known = File.Exists(ResultFile) ? Read(ResultFile) : null;
        bool same = known is not null && known.Backbone == run.Backbone && known.Training == run.Training;
        if (same && known!.Finished)
        {
            known = known with { Name = run.Name, TargetRecall = run.Target?.Recall, TargetNdcg = run.Target?.Ndcg, Source = run.Source };
            Replace(ResultFile, stream => JsonSerializer.Serialize(stream, known, Json));
            return known;
        }

        using var recommender = new Recommender(work.Backend, work.Data, run.Backbone);
        using var evaluator = new RankingEvaluator(work.Backend, work.Data.Test, [work.Data.Train], [20]);
        using var trainer = new Trainer(
            work.Backend, recommender.Backbone, work.Data, run.Training, work.Seed, evaluator: null);
        if (same && File.Exists(CheckpointFile))
        {
            using var stream = File.OpenRead(CheckpointFile);
            trainer.Load(stream);
            curve.AddRange(known!.Curve);
        }

        double before = curve.Count > 0 ? curve[^1].Seconds : 0;
        var clock = Stopwatch.StartNew();
        trainer.Train(new ProgressAction<TrainingProgress>(Progress), CancellationToken.None);
        return Read(ResultFile);

        void Progress(TrainingProgress progress)
        {
            if (progress.Epoch % run.Training.EvaluateEvery != 0 && progress.Epoch != progress.Epochs)
                return;
            var metrics = evaluator.Evaluate(recommender.Backbone);
            AddPoint(progress, metrics, before + clock.Elapsed.TotalSeconds);
            Replace(CheckpointFile, trainer.Save);
            Replace(ResultFile, stream => JsonSerializer.Serialize(stream, Result(progress.Epoch == progress.Epochs), Json));
        }
    }

    private void AddPoint(TrainingProgress progress, RankingMetrics metrics, double seconds)
    {
        var point = new CurvePoint(
            progress.Epoch, Math.Round(progress.Loss, 6), Math.Round(metrics.RecallAt(20), 6), Math.Round(metrics.NdcgAt(20), 6),
            Math.Round(progress.MillisecondsPerStep, 2), Math.Round(seconds, 1), progress.MemoryBytes / 1_000_000);
        curve.Add(point);
        Console.WriteLine(FormattableString.Invariant(
            $"{run.Name}: epoch {point.Epoch} of {progress.Epochs}, loss {point.Loss:0.0000}, Recall@20 {point.RecallAt20:0.0000}, NDCG@20 {point.NdcgAt20:0.0000}, {point.MillisecondsPerStep:0.0} ms a step, {point.Seconds:0} s, {point.MemoryMb} MB"));
    }

    private TrainingRunResult Result(bool finished) => new(
        run.Name, run.Dataset, run.Backbone, run.Training, run.Target?.Recall, run.Target?.Ndcg, run.Source,
        $"{Repository.Machine()}; {work.Backend.Description}", Repository.Commit(),
        DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm'Z'"), finished, curve);

    private static void Replace(string path, Action<Stream> write)
    {
        string temporary = path + ".tmp";
        using (var stream = File.Create(temporary))
            write(stream);
        File.Move(temporary, path, overwrite: true);
    }
}
