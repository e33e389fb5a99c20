using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;
using Bet.Engine.Training;

namespace Bet.Tests.Backbones;

/// <summary>What every backbone must do; a new one is one class that inherits this and names it.</summary>
public abstract class BackboneTests(string name)
{
    private const int Users = 40;
    private const int Items = 24;
    private const int Width = 16;

    [Fact]
    public void Finds_the_withheld_squares_of_a_checkerboard()
    {
        var data = Checkerboard.Create(Users, Items);
        var (outcome, ranked) = Train(data, threads: 2, SideSizes.Uniform(Users, Width, Width), SideSizes.Uniform(Items, Width, Width));
        Assert.True(outcome.Validation.HitRateAt(5) > 0.95, $"hit rate at 5: {outcome.Validation.HitRateAt(5)}");
        for (int user = 0; user < Users; user++)
            Assert.All(ranked[user], item => Assert.Equal(user % 2, item % 2));
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_for_any_number_of_threads()
    {
        var data = Checkerboard.Create(Users, Items);
        var sizes = (SideSizes.Uniform(Users, Width, Width), SideSizes.Uniform(Items, Width, Width));
        var one = Train(data, 1, sizes.Item1, sizes.Item2).Outcome;
        var two = Train(data, 2, sizes.Item1, sizes.Item2).Outcome;
        var eight = Train(data, 8, sizes.Item1, sizes.Item2).Outcome;
        Assert.Equal(one.Loss, two.Loss);
        Assert.Equal(one.Loss, eight.Loss);
        Assert.Equal(one.Weights, two.Weights);
        Assert.Equal(one.Weights, eight.Weights);
    }

    [Fact]
    public void Values_that_a_row_does_not_have_stay_zero()
    {
        var data = Checkerboard.Create(Users, Items);
        var sizes = SideSizes.FromRows([.. Enumerable.Range(0, Users).Select(row => row < 20 ? 9 : 2)], Width);
        var (outcome, _) = Train(data, 2, sizes, SideSizes.Uniform(Items, 3, Width));
        for (int row = 0; row < Users; row++)
        {
            int size = row < 20 ? 9 : 2;
            var values = outcome.Weights.AsSpan(row * Width, Width);
            Assert.All(values[..size].ToArray(), value => Assert.NotEqual(0, value));
            Assert.All(values[size..].ToArray(), value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void Learns()
    {
        var data = Checkerboard.Create(Users, Items);
        var outcome = Train(data, 2, SideSizes.Uniform(Users, Width, Width), SideSizes.Uniform(Items, Width, Width)).Outcome;
        Assert.True(outcome.Loss[^1] < 0.5 * outcome.Loss[0], $"loss from {outcome.Loss[0]} to {outcome.Loss[^1]}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Learns_by_the_sampled_softmax_too(bool cosine)
    {
        // A network's score has no cosine.
        cosine &= BackboneRegistry.DefaultsOf(name).IsProduct;
        var data = Checkerboard.Create(Users, Items);
        var (outcome, _) = Train(
            data, 2, SideSizes.Uniform(Users, Width, Width), SideSizes.Uniform(Items, Width, Width),
            LossOptions.Softmax(negatives: 16, temperature: cosine ? 0.2f : 1, cosine));
        Assert.True(outcome.Validation.HitRateAt(5) > 0.95, $"hit rate at 5: {outcome.Validation.HitRateAt(5)}");
    }

    [Fact]
    public void Goes_on_with_the_same_bits_after_it_was_stopped()
    {
        var data = Checkerboard.Create(Users, Items);
        var sizes = new TableSizes(SideSizes.Uniform(Users, 9, Width), SideSizes.Uniform(Items, 5, Width));
        using var backend = new CpuBackend(2);
        using var evaluator = new RankingEvaluator(backend, data.Validation, [data.Train], [.. Quality.Cutoffs]);
        using var whole = New(backend, data, sizes);
        using var wholeTrainer = new Trainer(backend, whole.Backbone, data, Options(7, LossOptions.Bpr), 1, evaluator);
        var expected = wholeTrainer.Train(null, CancellationToken.None);

        using var checkpoint = new MemoryStream();
        using (var first = New(backend, data, sizes))
        using (var stopped = new Trainer(backend, first.Backbone, data, Options(7, LossOptions.Bpr), 1, evaluator))
        {
            using var cancel = new CancellationTokenSource();
            var progress = new ProgressAction<TrainingProgress>(p => CancelAt(p.Epoch == 3, cancel));
            Assert.Throws<OperationCanceledException>(() => stopped.Train(progress, cancel.Token));
            stopped.Save(checkpoint);
        }

        checkpoint.Position = 0;
        using var second = New(backend, data, sizes);
        using var resumed = new Trainer(backend, second.Backbone, data, Options(7, LossOptions.Bpr), 1, evaluator);
        resumed.Load(checkpoint);
        var outcome = resumed.Train(null, CancellationToken.None);
        Assert.Equal(expected.Validation!.Recall, outcome.Validation!.Recall);
        Assert.Equal(UserValues(backend, whole), UserValues(backend, second));
        Assert.Equal(
            whole.Backbone.DownloadDense().SelectMany(w => w.Values), second.Backbone.DownloadDense().SelectMany(w => w.Values));
    }

    private static void CancelAt(bool now, CancellationTokenSource cancel)
    {
        if (now)
            cancel.Cancel();
    }

    private sealed record Run(double[] Loss, float[] Weights, RankingMetrics Validation);

    private (Run Outcome, int[][] Ranked) Train(
        PreparedDataset data, int threads, SideSizes userSizes, SideSizes itemSizes, LossOptions? loss = null)
    {
        using var backend = new CpuBackend(threads);
        using var recommender = New(backend, data, new TableSizes(userSizes, itemSizes), loss?.Cosine ?? false);
        using var evaluator = new RankingEvaluator(backend, data.Validation, [data.Train], [.. Quality.Cutoffs]);
        using var trainer = new Trainer(
            backend, recommender.Backbone, data, Options(60, loss ?? LossOptions.Bpr), 1, evaluator);
        var losses = new List<double>();
        var outcome = trainer.Train(
            new ProgressAction<TrainingProgress>(progress => losses.Add(progress.Loss)), CancellationToken.None);
        return (new Run([.. losses], UserValues(backend, recommender), outcome.Validation!), Ranked.Best(backend, recommender.Backbone, 5));
    }

    private Recommender New(Backend backend, PreparedDataset data, TableSizes sizes, bool cosine = false) => new(
        backend, data,
        BackboneRegistry.OptionsFor(name, Width) with { Layers = 2, Cosine = cosine, MessageDropout = 0.1f, NodeDropout = 0.1f },
        sizes);

    private static TrainingOptions Options(int epochs, LossOptions loss) => new(
        epochs, 128, new LearningRateSchedule(0.05f, 0.001f), 1e-4f, 20, 5, loss);

    private static float[] UserValues(Backend backend, Recommender recommender)
    {
        var values = recommender.Backbone.Users.Parameters[0].Value;
        var weights = new float[values.Length];
        backend.Download(values, weights);
        return weights;
    }
}

public sealed class MatrixFactorizationTests() : BackboneTests("mf");

public sealed class LightGcnTests() : BackboneTests("lightgcn");

public sealed class NeuralCollaborativeFilteringTests() : BackboneTests("ncf");

public sealed class NgcfTests() : BackboneTests("ngcf");
