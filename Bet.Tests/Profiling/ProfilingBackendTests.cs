using Bet.Bench;
using Bet.Bench.Profiling;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Evaluation;
using Bet.Engine.Training;
using Bet.Tests.Backbones;

namespace Bet.Tests.Profiling;

public sealed class ProfilingBackendTests : IDisposable
{
    private readonly CpuBackend cpu = new(2);

    public static TheoryData<string> Backbones => [.. BackboneRegistry.Names];

    [Theory]
    [MemberData(nameof(Backbones))]
    public void Training_and_ranking_give_the_same_bits(string name)
    {
        var plain = Train(cpu, name);
        var profiling = new ProfilingBackend(cpu);
        profiling.BeginStep();
        Assert.Equal(plain, Train(profiling, name));

        Assert.Contains("Adam", profiling.Operations);
        Assert.Contains(name == "ncf" ? "SelectTopK" : "TopK", profiling.Operations);
        Assert.Equal(name == "ngcf", profiling.Operations.ContainsKey("SpMM"));
        Assert.Equal(name == "lightgcn", profiling.Operations.ContainsKey("Propagate"));
        Assert.True(profiling.MillisecondsBefore > 0);
        Assert.All(profiling.Operations.Values, work => Assert.True(work.Calls >= 1 && work.Milliseconds >= 0));
    }

    [Fact]
    public void Work_follows_from_the_shapes()
    {
        var profiling = new ProfilingBackend(cpu);
        profiling.BeginStep();
        Tensor a = Tensor(5, 3), b = Tensor(3, 7), c = Tensor(5, 7), rows = Tensor(4, 3);
        profiling.Gemm(false, false, 1, a, b, 0, c);
        profiling.Gemm(true, false, 1, a, c, 1, b);
        using var sparse = profiling.UploadCsr(5, 3, [0, 2, 2, 3, 3, 4], [0, 2, 1, 0], [1, 2, 3, 4]);
        profiling.SpMM(1, sparse, b, 0, c, c);
        profiling.SpMM(1, sparse, b, 1, c, c);
        using var transposed = profiling.UploadCsr(3, 5, [0, 2, 3, 4], [0, 4, 2, 0], [1, 2, 3, 4]);
        var (from, to) = ((Tensor(5, 7), Tensor(3, 7)), (Tensor(5, 7), Tensor(3, 7)));
        profiling.Propagate(sparse, transposed, from, to, 2, default, default, GatherPrecision.Float32);
        profiling.Propagate(sparse, transposed, from, to, 2, default, default, GatherPrecision.Bfloat16);
        profiling.Axpby(1, a, 0, a);
        profiling.Axpby(1, a, 1, a);
        using var numbers = profiling.AllocateIds(4);
        profiling.GatherRows(a, numbers, rows);
        profiling.ScatterAddRows(1, rows, numbers, a);
        profiling.Update(new OptimiserStep(Optimiser.Adam, 1, 0.1f), a, Tensor(5, 3), [Tensor(5, 3), Tensor(5, 3)], null);
        profiling.CopyColumns(c, new ColumnRange(1, 2), c, new ColumnRange(4, 2), accumulate: true);

        Check("Gemm", 1, 4 * (15 + 21 + 35), 2 * 5 * 3 * 7);
        Check("Gemm A'B", 1, 4 * (15 + 35 + 21 + 21), 2 * 3 * 5 * 7);
        // A row of 7 and an id and a value for each of 4 non-zeros, 6 offsets, 35 results; the second reads 35 more.
        Check("SpMM", 2, (2 * 4 * ((4 * 7) + 8 + 6 + 35)) + (4 * 35), 2 * 2 * 4 * 7);
        // Each of 2 layers: 8 ids and values, 10 offsets, 8 gathered rows of 7, and 8 rows read and 8 written. In bfloat16 the
        // gathered rows and one layer's written ones have half the bytes, and 8 rows are rounded first.
        Check(
            "Propagate", 2, (2 * 4 * (16 + 10 + 56 + 56 + 56)) + (2 * 4 * (16 + 10 + 28 + 56)) + (4 * (28 + 56)) + (4 * (56 + 28)),
            2 * 2 * 2 * 8 * 7);
        Check("Axpby", 2, 4 * 15 * 5, 2 * 2 * 15);
        Check("GatherRows", 1, 4 * (24 + 4), 0);
        Check("ScatterAddRows", 1, 4 * (36 + 4), 24);
        Check("Adam", 1, 4 * 7 * 15, 12 * 15);
        Check("CopyColumns", 1, 4 * 3 * 10, 0);

        profiling.BeginStep();
        Assert.Empty(profiling.Operations);

        void Check(string name, double calls, double bytes, double floatingPoint)
        {
            var work = profiling.Operations[name];
            Assert.Equal((calls, bytes, floatingPoint), (work.Calls, work.Bytes, work.FloatingPoint));
        }
    }

    [Fact]
    public void The_larger_of_both_times_is_the_limit()
    {
        var limits = new MachineLimits(CopyGigabytes: 50, UpdateGigabytes: 100, ReadGigabytes: 80, GemmGigaflops: 400);
        var moving = new OperationTotals(1, 5, Bytes: 2e8, FloatingPoint: 4e8);
        var computing = new OperationTotals(1, 5, Bytes: 1e8, FloatingPoint: 8e8);
        Assert.Equal((2, false), (limits.LeastMilliseconds(moving), limits.IsComputeBound(moving)));
        Assert.Equal((2, true), (limits.LeastMilliseconds(computing), limits.IsComputeBound(computing)));
        Assert.Equal(new MachineLimits(60, 100, 80, 500), limits.Or(new MachineLimits(60, 10, 10, 500)));
    }

    [Fact]
    public void Parts_add_up_to_the_step()
    {
        var step = new StepProfile("mf", 9, 10, 1.5, [new("Adam", new(2, 6, 6e8, 0)), new("Fill", new(1, 2, 1e8, 0))]);
        Assert.Equal(0.5, step.OtherMilliseconds, 12);
        using var writer = new StringWriter();
        PerformancePage.WriteSection(writer, step, new MachineLimits(200, 1, 1, 400));
        Assert.Contains("| Adam | 2 | 6.00 | 60.0 % | 100.0 | 0.0 | memory | 50 % |", writer.ToString());
        Assert.Contains("The next bottleneck is Adam: 6.0 of 10.0 ms, at 50 % of what memory moves at best.", writer.ToString());
        Assert.Contains("Most could be won in Adam: 3.0 ms", writer.ToString());
    }

    [Fact]
    public void A_stored_profile_is_read_as_it_was()
    {
        var step = new StepProfile("mf", 9, 10, 1.5, [new("Adam", new(2, 6, 6e8, 7))]);
        var written = new PerformanceResult("machine", "commit", 1, "today", "data", new MachineLimits(1, 2, 3, 4), [step]);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            ResultsFile.Write(path, [written]);
            var read = Assert.Single(ResultsFile.Read<PerformanceResult>(path));
            Assert.Equal(written with { Steps = [] }, read with { Steps = [] });
            Assert.Equal(step with { Operations = [] }, Assert.Single(read.Steps) with { Operations = [] });
            Assert.Equal(step.Operations, read.Steps[0].Operations);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public void Dispose() => cpu.Dispose();

    private Tensor Tensor(int rows, int columns) => cpu.Allocate(rows, columns);

    /// <summary>The losses of some steps, then the quality of the ranking.</summary>
    private static double[] Train(Backend backend, string name)
    {
        var data = Checkerboard.Create(70, 50);
        using var recommender = new Recommender(
            backend, data, new BackboneOptions { Name = name, MaximumSize = 24, Layers = 2, MessageDropout = 0.1f });
        var options = new TrainingOptions(
            Epochs: 1, BatchSize: 200, new LearningRateSchedule(0.05f, 0.001f), L2: 1e-4f, EvaluateEvery: 1, Patience: 1,
            LossOptions.Bpr);
        using var trainer = new Trainer(backend, recommender.Backbone, data, options, 1, evaluator: null);
        double[] losses = [.. Enumerable.Range(0, 4).Select(step => trainer.TrainStep(0, step % trainer.StepsPerEpoch))];
        using var evaluator = new RankingEvaluator(backend, data.Validation, [data.Train], [5]);
        return [.. losses, evaluator.Evaluate(recommender.Backbone).RecallAt(5)];
    }
}
