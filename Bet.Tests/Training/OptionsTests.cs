using Bet.Engine.Backbones;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Embeddings;
using Bet.Engine.Search;
using Bet.Engine.Training;
using Bet.Tests.Backbones;
using Bet.Tests.Compute;

namespace Bet.Tests.Training;

/// <summary>Options that change numbers and nothing else reach where they are used.</summary>
public sealed class OptionsTests
{
    private const int Users = 400;
    private const int Items = 300;
    private const int Width = 16;

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.002f)]
    public void First_values_have_the_deviation_that_was_asked_for(float deviation)
    {
        using var backend = new CpuBackend(2);
        var options = BackboneRegistry.OptionsFor("mf", Width) with { InitialDeviation = deviation };
        using var full = new Recommender(backend, Checkerboard.Create(Users, Items), options);
        using var budgeted = new Recommender(
            backend, Checkerboard.Create(Users, Items), options,
            new TableSizes(SideSizes.Uniform(Users, Width, Width), SideSizes.Uniform(Items, Width, Width)));
        foreach (var recommender in new[] { full, budgeted })
        {
            float[] values = backend.Read(recommender.Backbone.Users.Parameters[0].Value);
            double found = Math.Sqrt(values.Average(value => (double)value * value));
            Assert.InRange(found / deviation, 0.95, 1.05);
        }
    }

    /// <summary>Adam's first step is the sign of the gradient whatever beta2 is; the second remembers.</summary>
    [Fact]
    public void Beta2_is_adams()
    {
        float[] Weights(float beta2, int steps)
        {
            using var backend = new CpuBackend(2);
            var data = Checkerboard.Create(Users, Items);
            using var recommender = new Recommender(backend, data, BackboneRegistry.OptionsFor("mf", Width));
            var options = new TrainingOptions(
                Epochs: 1, BatchSize: 100_000, new LearningRateSchedule(0.05f, 0.05f), L2: 0, EvaluateEvery: 1, Patience: 1,
                LossOptions.Bpr, beta2);
            using var trainer = new Trainer(backend, recommender.Backbone, data, options, 1, evaluator: null);
            for (int step = 0; step < steps; step++)
                trainer.TrainStep(step, 0);
            return backend.Read(recommender.Backbone.Users.Parameters[0].Value);
        }

        double Difference(int steps) => Weights(0.999f, steps).Zip(Weights(0.5f, steps), (a, b) => Math.Abs(a - b)).Max();
        Assert.InRange(Difference(1), 0, 1e-4);
        Assert.InRange(Difference(3), 1e-3, 1);
    }
}
