using Bet.Engine.Autograd;
using Bet.Engine.Clicks;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Evaluation;
using Bet.Engine.Training;
using Bet.Tests.Compute;

namespace Bet.Tests.Clicks;

/// <summary>What every click model must do; a new one is one class that inherits this and names it.</summary>
public abstract class ClickModelTests(string name)
{
    private const int Size = 8;

    public static TheoryData<int> NumberCounts => [0, 2];

    [Theory, MemberData(nameof(NumberCounts))]
    public void Gradients_match_finite_differences(int numbers)
    {
        const int samples = 12;
        using var backend = new CpuBackend(2);
        using var features = new LookedUpFeatures(backend, GeneratedClicks.Categories, 4, Optimiser.Sgd, 0.7f);
        using var model = ClickModelRegistry.Create(new(backend, features, numbers, new ClickModelOptions
        {
            Name = name,
            Size = 4,
            BottomLayers = [6],
            TopLayers = [7, 5],
            CrossLayers = 2,
            DeepLayers = [6, 5],
        }));
        var rows = GeneratedClicks.Rows(samples, numbers, 5);
        var (batch, labels) = Upload(backend, rows);
        double Loss()
        {
            model.Tape.Begin();
            model.RecordLoss(batch, labels);
            return model.Tape.Loss;
        }

        Loss();
        model.Tape.Backward();
        var gradients = model.Parameters.Select(parameter => (parameter.Name, parameter.Value, Read(backend, parameter.Gradient))).ToList();
        float[][] before = [.. features.RowTables.Select(table => Read(backend, table.Value))];

        // A step of plain descent with the rate 1 takes the gradient from the rows.
        model.Tape.UpdateRows(new OptimiserStep(Optimiser.Sgd, 1, 1));
        foreach (var (table, was) in features.RowTables.Zip(before))
        {
            gradients.Add((table.Name, table.Value, [.. was.Zip(Read(backend, table.Value), (x, y) => x - y)]));
            backend.Upload(was, table.Value);
        }

        Assert.All(gradients, one => Assert.Contains(one.Item3, value => Math.Abs(value) > 1e-4));
        foreach (var (tensor, value, gradient) in gradients)
        {
            float[] values = Read(backend, value);
            for (int i = 0; i < values.Length; i++)
            {
                float kept = values[i];
                double above = Moved(kept + 2e-3f), below = Moved(kept - 2e-3f);
                Moved(kept);
                double numeric = (above - below) / ((double)(kept + 2e-3f) - (kept - 2e-3f));
                Assert.True(Math.Abs(numeric - gradient[i]) < 1e-3, $"{tensor}[{i}]: finite differences {numeric}, gradient {gradient[i]}");

                double Moved(float to)
                {
                    values[i] = to;
                    backend.Upload(values, value);
                    return Loss();
                }
            }
        }
    }

    [Theory]
    [InlineData(Optimiser.Adagrad, 0, 0.05f)]
    [InlineData(Optimiser.AmsGrad, 2, 0.01f)]
    [InlineData(Optimiser.Adam, 2, 0.01f)]
    public void Learns_what_decides_a_click(Optimiser optimiser, int numbers, float rate)
    {
        using var run = new Run(name, numbers, 2, Options(optimiser, rate));
        using var judge = new ClickEvaluator(run.Backend, run.Data.Test);
        var before = judge.Evaluate(run.Model);
        var outcome = run.Trainer.Train(null, CancellationToken.None);
        var after = judge.Evaluate(run.Model);
        Assert.Equal(run.Evaluator.LogLoss(run.Model), outcome.Validation);
        Assert.True(after.NormalisedEntropy.High < 0.9, $"normalised entropy {before.NormalisedEntropy.Value} to {after.NormalisedEntropy.Value}");
        Assert.True(after.Auc.Low > 0.75, $"AUC {before.Auc.Value} to {after.Auc.Value}");
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_for_any_number_of_threads()
    {
        float[][] one = Trained(1), three = Trained(3);
        Assert.Equal(one, three);

        float[][] Trained(int threads)
        {
            using var run = new Run(name, 2, threads, Options(Optimiser.AmsGrad, 0.01f) with { Epochs = 1 });
            run.Trainer.Train(null, CancellationToken.None);
            return run.Weights();
        }
    }

    [Fact]
    public void Goes_on_with_the_same_bits_after_it_was_stopped()
    {
        // A rate so high that the best step is not the last: its weights must come back too.
        var options = Options(Optimiser.Adagrad, 0.3f) with { ValidateEvery = 20, Patience = 100 };
        using var whole = new Run(name, 2, 2, options);
        var expected = whole.Trainer.Train(null, CancellationToken.None);
        Assert.NotEqual(expected.Steps, expected.BestStep);

        using var checkpoint = new MemoryStream();
        using (var first = new Run(name, 2, 2, options))
        {
            using var cancel = new CancellationTokenSource();
            var stop = new ProgressAction<ClickTrainingProgress>(at => CancelAt(at.Step == 60, cancel));
            Assert.Throws<OperationCanceledException>(() => first.Trainer.Train(stop, cancel.Token));
            for (int step = 0; step < 5; step++)
                first.Trainer.TrainStep();
            first.Trainer.Save(checkpoint);
        }

        checkpoint.Position = 0;
        using var second = new Run(name, 2, 2, options);
        second.Trainer.Load(checkpoint);
        Assert.Equal(expected, second.Trainer.Train(null, CancellationToken.None));
        Assert.Equal(whole.Weights(), second.Weights());

        checkpoint.Position = 0;
        using var other = new Run(name, 2, 2, options with { Epochs = 2 });
        Assert.Contains("this run's", Assert.Throws<InvalidDataException>(() => other.Trainer.Load(checkpoint)).Message);
    }

    /// <summary>With one thread, all of the work is done by the thread whose allocations are counted.</summary>
    [Theory, MemberData(nameof(NumberCounts))]
    public void A_warmed_step_allocates_nothing(int numbers)
    {
        using var run = new Run(name, numbers, 1, Options(Optimiser.AmsGrad, 0.01f) with { Epochs = 100 });
        WarmedStep.AllocatesAtMost(0, run.Backend, () => run.Trainer.TrainStep());
    }

    [Fact]
    public void Says_where_training_diverged()
    {
        using var run = new Run(name, 2, 2, Options(Optimiser.Adam, 1e30f));
        var error = Assert.Throws<InvalidOperationException>(() => run.Trainer.Train(null, CancellationToken.None));
        Assert.StartsWith("training diverged", error.Message);
    }

    [Fact]
    public void Dense_weights_go_to_another_model()
    {
        using var run = new Run(name, 2, 2, Options(Optimiser.AmsGrad, 0.01f));
        using var other = new Run(name, 2, 2, Options(Optimiser.AmsGrad, 0.01f), seed: 9);
        float[] wanted = run.Evaluator.Score(run.Model);
        Assert.NotEqual(wanted, other.Evaluator.Score(other.Model));
        other.Model.UploadDense(run.Model.DownloadDense());
        Assert.Equal(wanted, other.Evaluator.Score(other.Model));
    }

    private static ClickTrainingOptions Options(Optimiser optimiser, float rate) =>
        new() { Epochs = 6, BatchSize = 128, Optimiser = optimiser, Schedule = new(rate, 0.1, Falls: true) };

    private static void CancelAt(bool now, CancellationTokenSource cancel)
    {
        if (now)
            cancel.Cancel();
    }

    private static (ClickBatch Batch, Tensor Labels) Upload(CpuBackend backend, ClickRows rows)
    {
        var batch = new ClickBatch(backend.Allocate(rows.Count, rows.Numbers.Length / rows.Count), backend.AllocateIds(rows.Categories.Length));
        var labels = backend.Allocate(rows.Count, 1);
        backend.Upload(rows.Numbers, batch.Numbers);
        backend.Upload(rows.Categories, batch.Categories);
        backend.Upload([.. rows.Labels.Select(label => (float)label)], labels);
        return (batch, labels);
    }

    private static float[] Read(CpuBackend backend, Tensor tensor)
    {
        var values = new float[tensor.Length];
        backend.Download(tensor, values);
        return values;
    }

    /// <summary>A model with its data and its trainer.</summary>
    private sealed class Run : IDisposable
    {
        private readonly LookedUpFeatures features;

        public Run(string name, int numbers, int threads, ClickTrainingOptions options, ulong seed = 1)
        {
            Backend = new CpuBackend(threads);
            Data = GeneratedClicks.Create(5000, 3000, numbers);
            features = new LookedUpFeatures(Backend, GeneratedClicks.Categories, Size, options.Optimiser);
            Model = ClickModelRegistry.Create(new(Backend, features, numbers, new ClickModelOptions
            {
                Name = name,
                Size = Size,
                BottomLayers = [16],
                TopLayers = [32, 16],
                CrossLayers = 3,
                DeepLayers = [32, 16],
                Seed = seed,
            }));
            Evaluator = new ClickEvaluator(Backend, Data.Validation);
            Trainer = new ClickTrainer(Backend, Model, Data, options, 1, Evaluator);
        }

        public CpuBackend Backend { get; }

        public PreparedClicks Data { get; }

        public ClickModel Model { get; }

        public ClickEvaluator Evaluator { get; }

        public ClickTrainer Trainer { get; }

        public float[][] Weights() =>
        [
            .. features.RowTables.Select(table => Read(Backend, table.Value)),
            .. Model.Parameters.Select(parameter => Read(Backend, parameter.Value)),
        ];

        public void Dispose()
        {
            Trainer.Dispose();
            Evaluator.Dispose();
            Model.Dispose();
            features.Dispose();
            Backend.Dispose();
        }
    }
}

public sealed class DlrmTests() : ClickModelTests(ClickModelRegistry.Dlrm);

public sealed class DeepCrossTests() : ClickModelTests(ClickModelRegistry.DeepCross);
