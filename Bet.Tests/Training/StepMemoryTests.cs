using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;
using Bet.Engine.Training;
using Bet.Tests.Artifacts;
using Bet.Tests.Backbones;
using Bet.Tests.Compute;

namespace Bet.Tests.Training;

public sealed class StepMemoryTests
{
    private const int Users = 700;
    private const int Items = 500;
    private const int Width = 40;

    /// <summary>With one thread, all of the work is done by the thread whose allocations are counted.</summary>
    [Theory]
    [InlineData("mf", 1, LossRegistry.Bpr)]
    [InlineData("mf", 2, LossRegistry.Softmax)]
    [InlineData("ncf", 2, LossRegistry.Bpr)]
    [InlineData("ncf", 2, LossRegistry.Softmax)]
    [InlineData("ngcf", 2, LossRegistry.Bpr)]
    [InlineData("lightgcn", 1, LossRegistry.Bpr)]
    [InlineData("lightgcn", 2, LossRegistry.Bpr)]
    [InlineData("lightgcn", 2, LossRegistry.Softmax)]
    public void A_warmed_step_allocates_nothing(string name, int threads, string loss)
    {
        var sizes = new TableSizes(
            SideSizes.Uniform(Users, Width, Width),
            SideSizes.FromRows([.. Enumerable.Range(0, Items).Select(row => row < 99 ? Width : 5)], Width));
        AllocatesNothing(name, threads, loss, sizes);
    }

    [Theory]
    [MemberData(nameof(SampleSides.Kinds), MemberType = typeof(SampleSides))]
    public void Nor_does_one_of_a_compressed_table(string kind)
    {
        var budget = MemoryBudget.From(new BudgetRequest(Sparsity: 0.5), Users, Items, 1, Width);
        AllocatesNothing("mf", 1, LossRegistry.Bpr, new CompressedTable(Compressors.Find(kind)!).Shape(budget));
    }

    [Fact]
    public void Nor_does_one_of_rows_that_share()
    {
        var sizes = SideSizes.FromRows([.. Enumerable.Range(0, Users).Select(row => row < 99 ? 9 : 0)], Width) with { SharedSize = 20 };
        AllocatesNothing("lightgcn", 1, LossRegistry.Bpr, new TableShape(sizes, SideSizes.Uniform(Items, 9, Width)));
    }

    private static void AllocatesNothing(string name, int threads, string loss, TableShape shape)
    {
        using var backend = new CpuBackend(threads);
        var data = Checkerboard.Create(Users, Items);
        using var recommender = new Recommender(
            backend, data, new BackboneOptions { Name = name, MaximumSize = Width, MessageDropout = 0.1f }, shape);
        var options = new TrainingOptions(
            Epochs: 1, BatchSize: 1000, new LearningRateSchedule(0.05f, 0.001f), L2: 1e-4f, EvaluateEvery: 1, Patience: 1,
            new LossOptions(loss, Negatives: 40));
        using var trainer = new Trainer(backend, recommender.Backbone, data, options, 1, evaluator: null);
        int step = 0;
        WarmedStep.AllocatesAtMost(0, backend, () => trainer.TrainStep(0, step++));
    }
}
