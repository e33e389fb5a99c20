using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>
/// Tables trained again on the training and the validation part, for as many epochs as validation found best. Nothing but the test part
/// is left to evaluate them on.
/// </summary>
/// <param name="tables">Evaluates them.</param>
/// <param name="budgeted">Says how those within the budget begin and are trained.</param>
internal sealed class TableRefits(TableTraining tables, BudgetedTableTraining budgeted)
{
    private readonly SearchOptions options = tables.Options;

    private readonly PreparedDataset both = tables.Data with { Train = Interactions.Union(tables.Data.Train, tables.Data.Validation) };

    /// <summary>The full table.</summary>
    public (TrainedWeights Weights, RankingMetrics Test) Full(int epochs, KeptTraining run, CancellationToken cancel)
    {
        using var recommender = new Recommender(tables.Backend, both, options.BackboneOptions);
        var test = Train(recommender, options.Pretraining with { Epochs = epochs }, run, cancel);
        if (options.WarmStart)
            recommender.TurnToPrincipalAxes();
        return (recommender.Pack(tables.Origin), test);
    }

    /// <summary>A table within the budget.</summary>
    /// <param name="shape">How it is stored.</param>
    /// <param name="full">Reads the full table trained on both parts, which it begins with or is made of.</param>
    /// <param name="epochs">To train.</param>
    /// <param name="run">Trains, and keeps what is done.</param>
    /// <param name="cancel">Noticed after every step.</param>
    public (TrainedWeights Weights, RankingMetrics Test) Budgeted(
        TableShape shape, Func<TrainedWeights> full, int epochs, KeptTraining run, CancellationToken cancel)
    {
        if (shape.IsFullUntilPacked)
            return TestedAsServed(budgeted.Compressed(shape, full()), cancel);
        using var recommender = budgeted.Start(both, shape, options.WarmStart ? full() : null);
        var test = Train(recommender, budgeted.ToTheEnd(shape, options.WarmStart) with { Epochs = epochs }, run, cancel);
        var weights = recommender.Pack(tables.Origin);
        return shape.IsTrainedAsServed ? (weights, test) : TestedAsServed(weights, cancel);
    }

    /// <summary>
    /// The more interactions there are the less decay is wanted, in proportion: it stands for what is known before them, and
    /// is weighed against each of them. docs/decisions/2026-11-22-decay-and-data.md has the measurements.
    /// </summary>
    private RankingMetrics Train(Recommender recommender, TrainingOptions training, KeptTraining run, CancellationToken cancel)
    {
        float share = (float)tables.Data.Train.Count / both.Train.Count;
        training = training with { Decay = new(training.L2 * share, training.RepresentationL2 * share) };
        using var trainer = new Trainer(tables.Backend, recommender.Backbone, both, training, options.Seed, evaluator: null);
        run.Train(trainer, cancel);
        return tables.Test(recommender.Backbone, cancel);
    }

    private (TrainedWeights Weights, RankingMetrics Test) TestedAsServed(TrainedWeights weights, CancellationToken cancel)
    {
        using var served = new Recommender(tables.Backend, both, options.BackboneOptions, weights);
        return (weights, tables.Test(served.Backbone, cancel));
    }
}
