using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>Trains a table of a search to its end, whatever it begins with, and evaluates it.</summary>
/// <param name="options">
/// Of the search; once the full table is trained, with what was best for it: <see cref="TableOutcome.Decay"/>,
/// <see cref="TableOutcome.LearningRate"/>.
/// </param>
/// <param name="backend">Where it is computed; owned by the caller.</param>
/// <param name="data">What is trained on.</param>
/// <param name="budget">Of the tables within it.</param>
internal sealed class TableTraining(SearchOptions options, Backend backend, PreparedDataset data, MemoryBudget budget) : IDisposable
{
    /// <summary>
    /// Where validation was best before this share of the epochs, the rate was still high there: a training of not many more
    /// epochs than that, over which it falls as far, does better. docs/decisions/2026-11-22-as-long-as-validation-says.md
    /// </summary>
    private const double EarlyShare = 0.5, Longer = 1.5;

    private readonly RankingEvaluator validation =
        new(backend, data.Validation, [data.Train], [.. Quality.Cutoffs]);

    private readonly Lazy<RankingEvaluator> test =
        new(() => new RankingEvaluator(backend, data.Test, [data.Train, data.Validation], [.. Quality.Cutoffs]));

    public SearchOptions Options => options;

    public Backend Backend => backend;

    public PreparedDataset Data => data;

    /// <summary>Of all that is trained.</summary>
    public L2Weights Decay => options.Retraining.Decay;

    /// <summary>Of all that is trained from random values; of the rest shares of it.</summary>
    public float LearningRate => options.Retraining.Schedule.First;

    /// <summary>What packed tables say that they come from.</summary>
    public TableOrigin Origin => new(options.Seed, data.SplitHash, budget);

    /// <summary>
    /// Trained once; from random values again and again, as long as that is shorter and better and it has not fallen behind a rival.
    /// </summary>
    /// <param name="start">What is trained, with the values that it begins with; anew for each training.</param>
    /// <param name="training">How.</param>
    /// <param name="fromRandom">Whether it begins with random values.</param>
    /// <param name="evaluateTest">Whether the test part is asked as well.</param>
    /// <param name="run">Trains, and keeps what is done.</param>
    /// <param name="cancel">Noticed after every step.</param>
    /// <param name="rival">Behind which it is ended: <see cref="TableOutcome.Bests"/>.</param>
    /// <param name="keepsEnd">Whether the state it ends with is kept, as another training follows in the same step.</param>
    public TableOutcome Train(
        Func<Recommender> start, TrainingOptions training, bool fromRandom, bool evaluateTest, KeptTraining run, CancellationToken cancel,
        IReadOnlyList<double>? rival = null, bool keepsEnd = false)
    {
        for (TableOutcome? best = null; ;)
        {
            using var recommender = start();
            if (options.Table is { FineTune: false })
                return AsItIs(recommender, evaluateTest, cancel);
            using var trainer = new Trainer(backend, recommender.Backbone, data, training, options.Seed, validation)
            {
                Rival = best is null ? rival ?? [] : [],
            };
            var outcome = run.Train(trainer, cancel);
            int enough = (int)Math.Ceiling(Longer * outcome.BestEpoch);
            bool better = best is null || Quality.Of(outcome.Validation!) > best.Quality;
            bool again = better && fromRandom && !trainer.IsBehind && outcome.BestEpoch <= EarlyShare * training.Epochs && enough < training.Epochs;
            if (again || keepsEnd)
                run.KeepEnd(trainer);
            if (!better)
                return best!;
            var tested = evaluateTest && !trainer.IsBehind ? Test(recommender.Backbone, cancel) : null;
            best = new TableOutcome(recommender.Pack(Origin), outcome, tested)
            {
                Decay = training.Decay,
                LearningRate = LearningRate,
                Bests = again || best is not null ? [] : outcome.Bests,
            };
            if (!again)
                return best;
            training = training with { Epochs = enough };
            run = run.Next(done: (double)outcome.Epochs / (outcome.Epochs + enough));
        }
    }

    /// <summary>No epoch of training.</summary>
    public TableOutcome AsItIs(Recommender recommender, bool evaluateTest, CancellationToken cancel)
    {
        var outcome = new TrainingOutcome(0, 0, validation.Evaluate(recommender.Backbone, cancel));
        var tested = evaluateTest ? Test(recommender.Backbone, cancel) : null;
        return new TableOutcome(recommender.Pack(Origin), outcome, tested);
    }

    /// <summary>The metrics of a table that is already trained, as it is served.</summary>
    public (RankingMetrics Validation, RankingMetrics Test) Evaluate(TrainedWeights weights, CancellationToken cancel)
    {
        using var recommender = new Recommender(backend, data, options.BackboneOptions, weights);
        return (validation.Evaluate(recommender.Backbone, cancel), Test(recommender.Backbone, cancel));
    }

    /// <summary>On the test part.</summary>
    public RankingMetrics Test(Backbone backbone, CancellationToken cancel) => test.Value.Evaluate(backbone, cancel);

    /// <summary>A table with random values.</summary>
    /// <param name="shape">How it is stored; null for a full one.</param>
    public Recommender NewRecommender(TableShape? shape = null) => new(backend, data, options.BackboneOptions, shape);

    public void Dispose()
    {
        validation.Dispose();
        if (test.IsValueCreated)
            test.Value.Dispose();
    }
}
