using Bet.Engine.Artifacts;
using Bet.Engine.Clicks;
using Bet.Engine.Compute;
using Bet.Engine.Evaluation;
using Bet.Engine.Fields;
using Bet.Engine.Search;
using Bet.Engine.Training;

namespace Bet.Engine.ClickSearches;

/// <summary>How the tables of a search are trained and judged: always as they are served, rounded.</summary>
internal sealed class ClickTraining(ClickSearchOptions options, Backend backend, PreparedClicks data) : IDisposable
{
    private readonly ClickEvaluator validation = new(backend, data.Validation);

    /// <summary>What came of a training.</summary>
    /// <param name="Tables">As they are served.</param>
    /// <param name="Dense">The weights beside them.</param>
    /// <param name="Validation">Of the served tables.</param>
    /// <param name="Test">Of the served tables; null after a trial.</param>
    /// <param name="Outcome">Of the training.</param>
    public sealed record Trained(
        PackedFields Tables, IReadOnlyList<DenseWeight> Dense, ClickMetrics Validation, ClickMetrics? Test, ClickTrainingOutcome Outcome)
    {
        /// <summary>See <see cref="ClickTableResult.Quality"/>.</summary>
        public double Quality => 1 - Validation.NormalisedEntropy.Value;
    }

    /// <summary>Trains tables of these shapes, from random values, to the end.</summary>
    /// <param name="shapes">One a field.</param>
    /// <param name="run">Trains, and keeps what is done.</param>
    /// <param name="cancel">Noticed after every step.</param>
    /// <param name="isLast">Whether no other training follows in the same step.</param>
    public Trained Train(IReadOnlyList<FieldShape> shapes, KeptTraining run, CancellationToken cancel, bool isLast = true)
    {
        var trained = Train(shapes, data, run, isLast, cancel);
        using var test = new ClickEvaluator(backend, data.Test);
        return trained with { Test = Judge(trained.Tables, trained.Dense, test, cancel) };
    }

    /// <summary>The metrics of tables that are already trained, as they are served.</summary>
    public (ClickMetrics Validation, ClickMetrics Test) Evaluate(PackedFields tables, IReadOnlyList<DenseWeight> dense, CancellationToken cancel)
    {
        using var test = new ClickEvaluator(backend, data.Test);
        return (Judge(tables, dense, validation, cancel), Judge(tables, dense, test, cancel));
    }

    /// <summary>Trains them on a share of the samples.</summary>
    public Trained Try(IReadOnlyList<FieldShape> shapes, double share, KeptTraining run, CancellationToken cancel) =>
        Train(shapes, share < 1 ? data with { Train = Spread(data.Train, share) } : data, run, isLast: true, cancel);

    /// <summary>
    /// For every field how much quality is lost, on the validation part, where all its categories have the mean of their
    /// vectors, weighed by their samples; a little above 0 where nothing is.
    /// </summary>
    public double[] Importance(Trained trained, CancellationToken cancel)
    {
        using var tables = FieldTables.Of(backend, trained.Tables);
        using var model = Model(tables);
        model.UploadDense(trained.Dense);
        var losses = new double[data.Fields.Count];
        double all = validation.LogLoss(model, cancel);
        for (int field = 0; field < losses.Length; field++)
        {
            // Full tables have one table a field.
            var table = tables.RowTables[field].Value;
            var values = new float[table.Length];
            backend.Download(table, values);
            backend.Upload(Means(values, table.Columns, data.Fields[field].Frequencies), table);
            losses[field] = Math.Max(1e-6, (validation.LogLoss(model, cancel) - all) / all);
            backend.Upload(values, table);
        }

        return losses;
    }

    public void Dispose() => validation.Dispose();

    private Trained Train(
        IReadOnlyList<FieldShape> shapes, PreparedClicks samples, KeptTraining run, bool isLast, CancellationToken cancel)
    {
        using var tables = new FieldTables(backend, shapes, options.Training.Optimiser, options.Seed);
        using var model = Model(tables);
        using var trainer = new ClickTrainer(backend, model, samples, options.Training, options.Seed, validation);
        var outcome = run.Train(trainer, cancel);
        if (!isLast)
            run.KeepEnd(trainer);
        var trained = new Trained(tables.Pack([.. data.Fields.Select(field => field.Name)]), model.DownloadDense(), null!, null, outcome);
        return trained with { Validation = Judge(trained.Tables, trained.Dense, validation, cancel) };
    }

    private ClickMetrics Judge(PackedFields tables, IReadOnlyList<DenseWeight> dense, ClickEvaluator evaluator, CancellationToken cancel)
    {
        using var served = FieldTables.Of(backend, tables);
        using var model = Model(served);
        model.UploadDense(dense);
        return evaluator.Evaluate(model, cancel);
    }

    private ClickModel Model(FieldTables tables) =>
        ClickModelRegistry.Create(new ClickModelInputs(backend, tables, data.NumberNames.Count, options.Model));

    private static float[] Means(float[] values, int columns, int[] frequencies)
    {
        var sums = new double[columns];
        double samples = Math.Max(1, frequencies.Sum(count => (double)count));
        for (long i = 0; i < values.LongLength; i++)
            sums[i % columns] += values[i] * (frequencies[i / columns] / samples);
        var means = new float[values.Length];
        for (long i = 0; i < means.LongLength; i++)
            means[i] = (float)sums[i % columns];
        return means;
    }

    /// <summary>A share of the samples, spread evenly over all of them.</summary>
    private static ClickRows Spread(ClickRows rows, double share)
    {
        int count = Math.Max(1, (int)(rows.Count * share));
        int numbers = rows.Numbers.Length / Math.Max(1, rows.Count), fields = rows.Categories.Length / Math.Max(1, rows.Count);
        var taken = new ClickRows(new byte[count], new float[count * numbers], new int[count * fields]);
        for (int i = 0; i < count; i++)
        {
            int row = (int)((long)i * rows.Count / count);
            taken.Labels[i] = rows.Labels[row];
            Array.Copy(rows.Numbers, row * numbers, taken.Numbers, i * numbers, numbers);
            Array.Copy(rows.Categories, row * fields, taken.Categories, i * fields, fields);
        }

        return taken;
    }
}
