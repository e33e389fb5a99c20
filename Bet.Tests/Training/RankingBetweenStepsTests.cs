using Bet.Engine.Backbones;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Training;
using Bet.Tests.Backbones;

namespace Bet.Tests.Training;

/// <summary>Ranking uses the buffers of the training steps; it must leave no trace in them.</summary>
public sealed class RankingBetweenStepsTests
{
    private const int Steps = 4;

    [Theory]
    [InlineData("mf")]
    [InlineData("ncf")]
    [InlineData("ngcf")]
    [InlineData("lightgcn")]
    public void Ranking_between_steps_changes_no_bit(string name) =>
        Assert.Equal(Weights(name, ranked: false), Weights(name, ranked: true));

    private static float[] Weights(string name, bool ranked)
    {
        using var backend = new CpuBackend(2);
        var data = Checkerboard.Create(61, 43);
        using var recommender = new Recommender(
            backend, data, new BackboneOptions { Name = name, MaximumSize = 16, MessageDropout = 0.1f });
        var options = new TrainingOptions(
            Epochs: 1, BatchSize: 100, new LearningRateSchedule(0.05f, 0.01f), L2: 1e-3f, EvaluateEvery: 1, Patience: 1,
            LossOptions.Bpr);
        using var trainer = new Trainer(backend, recommender.Backbone, data, options, 1, evaluator: null);
        for (int step = 0; step < Steps; step++)
        {
            trainer.TrainStep(0, step);
            if (ranked)
                recommender.Backbone.PrepareRanking();
        }

        var all = new List<float>();
        foreach (var parameter in recommender.Backbone.Parameters)
        {
            var values = new float[parameter.Value.Length];
            backend.Download(parameter.Value, values);
            all.AddRange(values);
        }

        return [.. all];
    }
}
