using System.Diagnostics;
using Bet.Engine.Clicks;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Evaluation;
using Bet.Engine.Fields;
using Bet.Engine.Training;

namespace Bet.Bench.Clicks;

/// <summary>DLRM and its tables on generated data of Criteo's shape, all samples drawn beforehand; trained by Adagrad, step by step.</summary>
public sealed class ClickScaleRun : IDisposable
{
    private readonly ClickScaleOptions options;
    private readonly CpuBackend backend;
    private readonly ClickModel model;
    private readonly ClickTrainer trainer;
    private readonly ClickEvaluator evaluator;
    private readonly ClickRows train;

    public ClickScaleRun(ClickScaleOptions options)
    {
        this.options = options;
        var method = options.Validate();
        var rows = new SyntheticClickRows(SyntheticClickOptions.Criteo(1, options.Categories, ClickScaleOptions.Seed));
        Categories = rows.Categories;
        train = rows.Take(0, options.Samples);
        Judged = rows.Take(options.Samples, ClickScaleOptions.Judged);
        var data = new PreparedClicks
        {
            NumberNames = [.. rows.Scales.Select(scale => scale.ToString())],
            Fields = [],
            Train = train,
            Validation = Judged,
            Test = Judged,
            SplitHash = "",
        };
        backend = new CpuBackend(options.Threads);
        FieldShape[] shapes = [.. rows.Categories.Select(size => method.Shape(size, ClickScaleOptions.Size, options.Collisions))];
        TableBytes = shapes.Sum(shape => shape.Bytes);
        Tables = new FieldTables(backend, shapes, Optimiser.Adagrad, ClickScaleOptions.Seed);
        model = ClickModelRegistry.Create(new ClickModelInputs(
            backend, Tables, rows.Scales.Count, new ClickModelOptions { Name = ClickModelRegistry.Dlrm, Size = ClickScaleOptions.Size }));
        var training = new ClickTrainingOptions
        {
            BatchSize = options.Batch,
            Optimiser = Optimiser.Adagrad,
            Schedule = new WarmUpSchedule(ClickScaleOptions.Rate),
        };
        trainer = new ClickTrainer(backend, model, data, training, ClickScaleOptions.Seed, null);
        evaluator = new ClickEvaluator(backend, Judged);
    }

    /// <summary>Of each field.</summary>
    public IReadOnlyList<int> Categories { get; }

    public FieldTables Tables { get; }

    public long TableBytes { get; }

    /// <summary>Samples that are not trained on.</summary>
    public ClickRows Judged { get; }

    public double LogLoss() => evaluator.LogLoss(model);

    /// <summary>The samples in the order that they are trained on.</summary>
    public ClickRows InOrder()
    {
        var order = new FeistelPermutation(train.Count, new Philox(ClickScaleOptions.Seed, RandomPurpose.Shuffle, 0));
        int numbers = train.Numbers.Length / train.Count, fields = train.Categories.Length / train.Count;
        var taken = new ClickRows(new byte[train.Count], new float[train.Numbers.Length], new int[train.Categories.Length]);
        for (int i = 0; i < train.Count; i++)
        {
            int sample = order[i];
            taken.Labels[i] = train.Labels[sample];
            Array.Copy(train.Numbers, sample * numbers, taken.Numbers, i * numbers, numbers);
            Array.Copy(train.Categories, sample * fields, taken.Categories, i * fields, fields);
        }

        return taken;
    }

    /// <summary>The values of the tables and then of the layers, each [rows, columns] row-major, as they are now.</summary>
    public IEnumerable<float[]> Weights()
    {
        foreach (var table in Tables.RowTables)
        {
            var values = new float[table.Value.Length];
            backend.Download(table.Value, values);
            yield return values;
        }

        foreach (var weight in model.DownloadDense())
            yield return weight.Values;
    }

    /// <summary>Samples a second of the next steps.</summary>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    public double Train(int steps)
    {
        long start = Stopwatch.GetTimestamp();
        for (int step = 0; step < steps; step++)
        {
            if (!double.IsFinite(trainer.TrainStep()))
                throw new InvalidOperationException("training diverged");
        }

        return (double)steps * options.Batch / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        evaluator.Dispose();
        trainer.Dispose();
        model.Dispose();
        Tables.Dispose();
        backend.Dispose();
    }
}
