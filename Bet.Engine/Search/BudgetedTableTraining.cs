using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>The tables of a search that are within the budget: from the full table's prefixes, from random values, or the full table compressed.</summary>
/// <param name="tables">Trains each of them.</param>
internal sealed class BudgetedTableTraining(TableTraining tables)
{
    private readonly SearchOptions options = tables.Options;

    /// <summary>To its end.</summary>
    /// <param name="shape">How it is stored.</param>
    /// <param name="full">
    /// The full table, whose prefixes it begins with where its rows have sizes; null: it begins with random weights.
    /// </param>
    /// <param name="run">Trains, and keeps what is done.</param>
    /// <param name="cancel">Noticed after every step.</param>
    public TableOutcome Train(TableShape shape, TrainedWeights? full, KeptTraining run, CancellationToken cancel)
    {
        bool warm = full is not null;
        var trained = tables.Train(
            () => Start(tables.Data, shape, full), ToTheEnd(shape, warm), fromRandom: !warm || !shape.TakesPrefixes, evaluateTest: true, run, cancel);
        return shape.IsTrainedAsServed
            ? trained
            : AsServed(trained.Weights, trained.Training, cancel) with { Decay = trained.Decay, LearningRate = trained.LearningRate };
    }

    /// <summary>From the full table's prefixes, for the few epochs of a trial; only validated.</summary>
    public TableOutcome FineTune(TableSizes sizes, TrainedWeights full, KeptTraining run, CancellationToken cancel) => tables.Train(
        () => Start(tables.Data, sizes, full), OfTrial(sizes), fromRandom: false, evaluateTest: false, run, cancel);

    /// <summary>Epochs of a trial of these sizes.</summary>
    public int TrialEpochs(TableSizes sizes) => OfTrial(sizes).Epochs;

    /// <summary>The full table compressed as it is.</summary>
    /// <param name="shape">How it is stored then.</param>
    /// <param name="full">The full table.</param>
    /// <param name="training">How its training ended.</param>
    /// <param name="cancel">Noticed between evaluations.</param>
    public TableOutcome Compress(TableShape shape, TrainedWeights full, TrainingOutcome training, CancellationToken cancel) =>
        AsServed(Compressed(shape, full), training, cancel);

    /// <summary>A full table in another shape, once its columns are in the order of what they are worth.</summary>
    public TrainedWeights Compressed(TableShape shape, TrainedWeights full)
    {
        using var recommender = tables.NewRecommender(shape);
        recommender.TakePrefixes(full);
        if (!options.WarmStart)
            recommender.TurnToPrincipalAxes();
        return recommender.Pack(tables.Origin);
    }

    /// <summary>A table before its training.</summary>
    /// <param name="trained">What it will be trained on.</param>
    /// <param name="shape">How it is stored.</param>
    /// <param name="full">See <see cref="Train"/>.</param>
    public Recommender Start(PreparedDataset trained, TableShape shape, TrainedWeights? full)
    {
        var recommender = new Recommender(tables.Backend, trained, options.BackboneOptions, shape);
        if (full is not null && shape.TakesPrefixes)
            recommender.TakePrefixes(full);
        return recommender;
    }

    /// <summary>
    /// How a table is trained to its end. Rows that are composed have all their values and begin with random ones, so they are trained as
    /// the full table is.
    /// </summary>
    public TrainingOptions ToTheEnd(TableShape shape, bool warm) => shape.TakesPrefixes
        ? Narrow(options.Retraining, shape, warm ? options.WarmRates.For(shape.Axes) : null)
        : warm ? options.Pretraining : options.Retraining;

    private TrainingOptions OfTrial(TableSizes sizes) =>
        Narrow(options.FineTuning, sizes, options.WarmStart ? options.TrialRates.For(sizes.Axes) : null);

    private TrainingOptions Narrow(TrainingOptions training, TableShape shape, WarmRates? warm) => NarrowTraining.Of(
        training, (double)shape.Values / ((long)tables.Data.EntityCount * options.MaximumSize), warm);

    private TableOutcome AsServed(TrainedWeights weights, TrainingOutcome training, CancellationToken cancel)
    {
        var (validated, tested) = tables.Evaluate(weights, cancel);
        return new TableOutcome(weights, training with { Validation = validated }, tested);
    }
}
