using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Bet.Engine.Backbones;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;
using Bet.Engine.Training;

namespace Bet.Bench.Measures;

/// <summary>A recommender trained step by step and evaluated when asked, full tables unless sizes are given.</summary>
internal sealed class RecommenderWork : IDisposable
{
    public const int Columns = 128;
    public const int Layers = 3;
    public const int BatchSize = 8192;
    private const float LearningRate = 0.01f;
    private const float L2 = 1e-4f;

    private readonly Workload work;
    private readonly Recommender recommender;
    private readonly Trainer trainer;
    private readonly Lazy<RankingEvaluator> evaluator;
    private readonly int stepsPerEpoch;
    private int steps;

    public RecommenderWork(Workload work, string backbone = "lightgcn", int columns = Columns, TableSizes? sizes = null)
    {
        this.work = work;
        var (backend, data) = (work.Backend, work.Data);
        recommender = new Recommender(
            backend, data,
            BackboneRegistry.OptionsFor(backbone, columns) with { Layers = Layers, TowerSize = columns / 2, Seed = work.Seed },
            sizes);
        var options = new TrainingOptions(
            Epochs: 1, BatchSize, new LearningRateSchedule(LearningRate, LearningRate), L2, EvaluateEvery: 1, Patience: 1,
            LossOptions.Bpr);
        trainer = new Trainer(backend, recommender.Backbone, data, options, work.Seed, evaluator: null);
        evaluator = new Lazy<RankingEvaluator>(() => new RankingEvaluator(backend, data.Test, [data.Train], [20]));
        stepsPerEpoch = Math.Max(1, data.Train.Count / BatchSize);
    }

    /// <summary>One step; whole batches only.</summary>
    public void Step()
    {
        trainer.TrainStep(steps / stepsPerEpoch, steps % stepsPerEpoch);
        steps++;
    }

    /// <summary>So many steps, one right after the other.</summary>
    public void Steps(int times)
    {
        for (int i = 0; i < times; i++)
            Step();
    }

    /// <summary>Recall@20 with the weights as they are.</summary>
    public double Evaluate() => evaluator.Value.Evaluate(recommender.Backbone).RecallAt(20);

    /// <summary>The first 16 digits of the SHA-256 of both tables.</summary>
    public string WeightsHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var parameter in recommender.Backbone.Parameters)
        {
            var values = new float[parameter.Value.Length];
            work.Backend.Download(parameter.Value, values);
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    public void Dispose()
    {
        trainer.Dispose();
        if (evaluator.IsValueCreated)
            evaluator.Value.Dispose();
        recommender.Dispose();
    }
}
