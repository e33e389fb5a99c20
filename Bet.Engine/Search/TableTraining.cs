using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Evaluation;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>Trains the tables of a search: full, budgeted from scratch, or budgeted from the full table's prefixes.</summary>
internal sealed class TableTraining(
    SearchOptions options, Backend backend, PreparedDataset data, MemoryBudget budget) : IDisposable
{
    private readonly RankingEvaluator validation =
        new(backend, data.Validation, [data.Train], [.. Quality.Cutoffs]);

    private readonly Lazy<RankingEvaluator> test =
        new(() => new RankingEvaluator(backend, data.Test, [data.Train, data.Validation], [.. Quality.Cutoffs]));

    private TableOrigin Origin => new(options.Seed, data.SplitHash, budget);

    /// <summary>A table trained to its end.</summary>
    /// <param name="Weights">Its values, packed, and the backbone's.</param>
    /// <param name="Training">How the training ended.</param>
    /// <param name="Test">On the test part; null where it was not asked for.</param>
    public sealed record Trained(TrainedWeights Weights, TrainingOutcome Training, RankingMetrics? Test)
    {
        public RankingMetrics Validation => Training.Validation!;

        public double Quality => Evaluation.Quality.Of(Validation);
    }

    /// <summary>The full table, from random weights; for warm starts its columns are in the order of what they are worth.</summary>
    public Trained TrainFull(IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        using var recommender = new Recommender(backend, data, options.BackboneOptions);
        var trained = Train(recommender, options.Pretraining, evaluateTest: true, progress, cancel);
        if (!options.WarmStart)
            return trained;
        recommender.TurnToPrincipalAxes();
        return trained with { Weights = recommender.Pack(Origin) };
    }

    /// <summary>A budgeted table, to its end.</summary>
    /// <param name="sizes">Its sizes and precision.</param>
    /// <param name="full">The full table, whose prefixes it begins with; null: it begins with random weights.</param>
    public Trained Retrain(
        TableSizes sizes, TrainedWeights? full, IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        using var recommender = Start(data, sizes, full);
        return Train(recommender, Narrow(options.Retraining, sizes, warm: full is not null), evaluateTest: true, progress, cancel);
    }

    /// <summary>A budgeted table that starts from the pretrained table's prefixes; only validated.</summary>
    public Trained FineTune(
        TableSizes sizes, TrainedWeights full, IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        using var recommender = Start(data, sizes, full);
        return Train(recommender, Narrow(options.FineTuning, sizes, options.WarmStart), evaluateTest: false, progress, cancel);
    }

    /// <summary>Epochs of a trial of these sizes.</summary>
    public int TrialEpochs(TableSizes sizes) => Narrow(options.FineTuning, sizes, warm: options.WarmStart).Epochs;

    /// <summary>The full table, trained on the training and the validation part for so many epochs.</summary>
    public (TrainedWeights Weights, RankingMetrics Test) RefitFull(
        int epochs, IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        var both = TrainAndValidation();
        using var recommender = new Recommender(backend, both, options.BackboneOptions);
        var test = Refit(recommender, both, options.Pretraining with { Epochs = epochs }, progress, cancel);
        if (options.WarmStart)
            recommender.TurnToPrincipalAxes();
        return (recommender.Pack(Origin), test);
    }

    /// <summary>A budgeted table, trained on the training and the validation part for so many epochs.</summary>
    /// <param name="sizes">Its sizes and precision.</param>
    /// <param name="full">The full table trained on both parts; null: it begins with random weights.</param>
    public (TrainedWeights Weights, RankingMetrics Test) Refit(
        TableSizes sizes, TrainedWeights? full, int epochs, IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        var both = TrainAndValidation();
        using var recommender = Start(both, sizes, full);
        var test = Refit(recommender, both, Narrow(options.Retraining, sizes, warm: full is not null) with { Epochs = epochs }, progress, cancel);
        return (recommender.Pack(Origin), test);
    }

    /// <summary>The metrics of a table that is already trained.</summary>
    public (RankingMetrics Validation, RankingMetrics Test) Evaluate(TrainedWeights weights, CancellationToken cancel)
    {
        var sizes = new TableSizes(weights.Table.Users.Sizes, weights.Table.Items.Sizes);
        using var recommender = new Recommender(backend, data, options.BackboneOptions, sizes);
        recommender.TakePrefixes(weights);
        return (validation.Evaluate(recommender.Backbone, cancel), test.Value.Evaluate(recommender.Backbone, cancel));
    }

    public void Dispose()
    {
        validation.Dispose();
        if (test.IsValueCreated)
            test.Value.Dispose();
    }

    private TrainingOptions Narrow(TrainingOptions training, TableSizes sizes, bool warm) =>
        NarrowTraining.Of(training, (double)sizes.Values / ((long)data.EntityCount * options.MaximumSize), warm);

    private PreparedDataset TrainAndValidation() => data with { Train = Interactions.Union(data.Train, data.Validation) };

    private Recommender Start(PreparedDataset trained, TableSizes sizes, TrainedWeights? full)
    {
        var recommender = new Recommender(backend, trained, options.BackboneOptions, sizes);
        if (full is not null)
            recommender.TakePrefixes(full);
        return recommender;
    }

    private RankingMetrics Refit(
        Recommender recommender, PreparedDataset both, TrainingOptions training, IProgress<TrainingProgress>? progress,
        CancellationToken cancel)
    {
        using var trainer = new Trainer(backend, recommender.Backbone, both, training, options.Seed, evaluator: null);
        trainer.Train(progress, cancel);
        return test.Value.Evaluate(recommender.Backbone, cancel);
    }

    private Trained Train(
        Recommender recommender, TrainingOptions training, bool evaluateTest, IProgress<TrainingProgress>? progress,
        CancellationToken cancel)
    {
        using var trainer = new Trainer(backend, recommender.Backbone, data, training, options.Seed, validation);
        var outcome = trainer.Train(progress, cancel);
        var tested = evaluateTest ? test.Value.Evaluate(recommender.Backbone, cancel) : null;
        return new Trained(recommender.Pack(Origin), outcome, tested);
    }
}
