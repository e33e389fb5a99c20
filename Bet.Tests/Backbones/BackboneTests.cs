using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;
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

    private sealed record Run(double[] Loss, float[] Weights, RankingMetrics Validation);

    private (Run Outcome, int[][] Ranked) Train(PreparedDataset data, int threads, SideSizes userSizes, SideSizes itemSizes)
    {
        using var backend = new CpuBackend(threads);
        using var users = new BudgetedTable(backend, "users", userSizes, Width);
        using var items = new BudgetedTable(backend, "items", itemSizes, Width);
        users.Initialise(new Philox(1, RandomPurpose.Initialise, 0));
        items.Initialise(new Philox(1, RandomPurpose.Initialise, 1));
        using var backbone = BackboneRegistry.Create(name, new BackboneInputs(backend, users, items, data.Train, 2));
        using var evaluator = new RankingEvaluator(backend, data.Validation, [data.Train], [.. Quality.Cutoffs]);
        var options = new TrainingOptions(60, 128, new LearningRateSchedule(0.05f, 0.001f, 0.98f, 50), 1e-4f, 20, 5);
        using var trainer = new Trainer(backend, backbone, data, options, 1, evaluator);
        var losses = new List<double>();
        var outcome = trainer.Train(progress => losses.Add(progress.Loss), CancellationToken.None);
        var values = users.Parameters[0].Value;
        var weights = new float[values.Length];
        backend.Download(values, weights);
        return (new Run([.. losses], weights, outcome.Validation), Rank(backend, backbone));
    }

    private static int[][] Rank(Backend backend, Backbone backbone)
    {
        using var users = backend.AllocateIds(Users);
        using var offsets = backend.AllocateIds(Users + 1);
        using var none = backend.AllocateIds(0);
        using var result = backend.AllocateIds(Users * 5);
        backend.Upload([.. Enumerable.Range(0, Users)], users);
        backbone.PrepareRanking();
        backbone.Rank(users, offsets, none, 5, result);
        var ranked = new int[Users * 5];
        backend.Download(result, ranked);
        return [.. ranked.Chunk(5)];
    }
}

public sealed class MatrixFactorizationTests() : BackboneTests("mf");

public sealed class LightGcnTests() : BackboneTests("lightgcn");
