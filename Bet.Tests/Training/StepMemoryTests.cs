using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;
using Bet.Engine.Training;
using Bet.Tests.Backbones;

namespace Bet.Tests.Training;

public sealed class StepMemoryTests
{
    private const int Users = 700;
    private const int Items = 500;
    private const int Width = 40;

    /// <summary>With one thread, all of the work is done by the thread whose allocations are counted.</summary>
    [Theory]
    [InlineData("mf", 1)]
    [InlineData("mf", 2)]
    [InlineData("lightgcn", 1)]
    [InlineData("lightgcn", 2)]
    public void A_warmed_step_allocates_nothing(string name, int threads)
    {
        using var backend = new CpuBackend(threads);
        using var users = new FullTable(backend, "users", Users, Width);
        using var items = new BudgetedTable(
            backend, "items", SideSizes.FromRows([.. Enumerable.Range(0, Items).Select(row => row < 99 ? Width : 5)], Width), Width);
        users.Initialise(new Philox(1, RandomPurpose.Initialise, 0));
        items.Initialise(new Philox(1, RandomPurpose.Initialise, 1));
        var data = Checkerboard.Create(Users, Items);
        using var backbone = BackboneRegistry.Create(name, new BackboneInputs(backend, users, items, data.Train, 3));
        using var evaluator = new RankingEvaluator(backend, data.Validation, [data.Train], [.. Quality.Cutoffs]);
        var options = new TrainingOptions(
            Epochs: 1, BatchSize: 1000, new LearningRateSchedule(0.05f, 0.001f), L2: 1e-4f, EvaluateEvery: 1, Patience: 1);
        using var trainer = new Trainer(backend, backbone, data, options, 1, evaluator);
        for (int step = 0; step < 5; step++)
            trainer.TrainStep(0, step);

        long native = backend.AllocatedBytes;
        long managed = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 5; step < 25; step++)
            trainer.TrainStep(0, step);
        Assert.Equal(managed, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(native, backend.AllocatedBytes);
    }
}
