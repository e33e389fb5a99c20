using Bet.Engine.Artifacts;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;
using Bet.Engine.GivenTables;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>Trains the tables of a search: the full one, and those within the budget, from its prefixes or from random values.</summary>
/// <param name="options">
/// Of the search; once the full table is trained, with what was best for it: <see cref="Trained.Decay"/>, <see cref="Trained.LearningRate"/>.
/// </param>
/// <param name="backend">Where it is computed.</param>
/// <param name="data">What is trained on.</param>
/// <param name="budget">Of the tables within it.</param>
internal sealed class TableTraining(
    SearchOptions options, Backend backend, PreparedDataset data, MemoryBudget budget) : IDisposable
{
    /// <summary>
    /// Where validation was best before this share of the epochs, the rate was still high there: a training of not many more
    /// epochs than that, over which it falls as far, does better. docs/decisions/2026-11-22-as-long-as-validation-says.md
    /// </summary>
    private const double EarlyShare = 0.5, Longer = 1.5;

    /// <summary>Up to so many in the training part, other rates are tried: there they are worth much, and their trainings cost little.</summary>
    private const int FewInteractions = 200_000;

    private readonly RankingEvaluator validation =
        new(backend, data.Validation, [data.Train], [.. Quality.Cutoffs]);

    private readonly Lazy<RankingEvaluator> test =
        new(() => new RankingEvaluator(backend, data.Test, [data.Train, data.Validation], [.. Quality.Cutoffs]));

    /// <summary>Of all that is trained from now on.</summary>
    public L2Weights Decay => options.Retraining.Decay;

    /// <summary>Of all that is trained from now on from random values; of the rest shares of it.</summary>
    public float LearningRate => options.Retraining.Schedule.First;

    private TableOrigin Origin => new(options.Seed, data.SplitHash, budget);

    /// <summary>A table trained to its end.</summary>
    /// <param name="Weights">Its values, packed, and the backbone's.</param>
    /// <param name="Training">How the training ended.</param>
    /// <param name="Test">On the test part; null where it was not asked for.</param>
    public sealed record Trained(TrainedWeights Weights, TrainingOutcome Training, RankingMetrics? Test)
    {
        /// <summary>What it was trained with; null where nothing was trained.</summary>
        public L2Weights? Decay { get; init; }

        /// <summary>See <see cref="TableTraining.LearningRate"/>; null where nothing was trained.</summary>
        public float? LearningRate { get; init; }

        /// <summary>
        /// What another training, over as many epochs, must not fall behind: <see cref="TrainingOutcome.Bests"/>. None where validation
        /// was best early, as for fewer epochs both may do better, and not in the same order.
        /// </summary>
        public IReadOnlyList<double> Bests { get; init; } = [];

        public RankingMetrics Validation => Training.Validation!;

        public double Quality => Evaluation.Quality.Of(Validation);
    }

    /// <summary>
    /// The full table, from random weights, with less and less decay as long as that is better; where the data are few, at lower and
    /// lower rates likewise. Less decay is learnt faster with, so a training with less that falls behind one at the same rate that was
    /// still gaining at its end is ended there. For warm starts its columns are in the order of what they are worth.
    /// docs/decisions/2026-11-23-decay-by-the-data.md, 2026-11-23-rate-by-the-data.md
    /// </summary>
    public Trained TrainFull(KeptTraining run, CancellationToken cancel)
    {
        L2Weights[] decays = [options.Pretraining.Decay, .. options.LesserDecays];
        float[] rates = [.. RatesOf(options, data.Train.Count)];
        bool several = decays.Length > 1 || rates.Length > 1;
        Trained? best = null;
        int decay = 0, attempts = 0;
        foreach (float rate in rates)
        {
            Trained? ofRate = null;
            for (int next = decay; next < decays.Length; next++)
            {
                var attempt = several ? run.Attempt(++attempts) : run;
                var tried = TrainFullBy(options.Pretraining.With(decays[next], rate), rival: ofRate?.Bests ?? [], attempt, keepsEnd: several, cancel);
                if (tried.Quality <= ofRate?.Quality)
                    break;
                (ofRate, decay) = (tried, next);
            }

            if (ofRate!.Quality <= best?.Quality)
                break;
            best = ofRate;
        }

        var trained = best!;
        if (!options.WarmStart)
            return trained;
        using var recommender = new Recommender(backend, data, options.BackboneOptions);
        recommender.TakePrefixes(trained.Weights);
        recommender.TurnToPrincipalAxes();
        return trained with { Weights = recommender.Pack(Origin) };
    }

    /// <summary>The rates of the full table's trainings, in the order in which they are tried.</summary>
    internal static IEnumerable<float> RatesOf(SearchOptions options, long trainInteractions)
    {
        float first = options.Pretraining.Schedule.First;
        return [first, .. trainInteractions <= FewInteractions ? options.LesserRates.Select(share => first * share) : []];
    }

    /// <summary>The full table that was trained elsewhere, its columns in the order of what they are worth.</summary>
    /// <exception cref="GivenTableException">It is not a table of this data set.</exception>
    public Trained TakeFull(GivenTable given, CancellationToken cancel)
    {
        PackedSide Side(float[] values) => PackedRows.Pack(
            values, given.Size, SideSizes.Uniform(values.Length / given.Size, given.Size, given.Size));
        using var recommender = new Recommender(backend, data, options.BackboneOptions);
        recommender.TakePrefixes(new TrainedWeights(
            new PackedTable(Side(given.UsersInOrderOf(data.UserIds)), Side(given.ItemsInOrderOf(data.ItemIds)), Origin), []));
        var taken = AsItIs(recommender, evaluateTest: true, cancel);
        recommender.TurnToPrincipalAxes();
        return taken with { Weights = recommender.Pack(Origin) };
    }

    /// <summary>A table within the budget, to its end.</summary>
    /// <param name="shape">How it is stored.</param>
    /// <param name="full">
    /// The full table, whose prefixes it begins with where its rows have sizes; null: it begins with random weights.
    /// </param>
    public Trained Retrain(
        TableShape shape, TrainedWeights? full, KeptTraining run, CancellationToken cancel)
    {
        bool warm = full is not null;
        var trained = Train(
            () => Start(data, shape, full), ToTheEnd(shape, warm), fromRandom: !warm || !shape.TakesPrefixes, evaluateTest: true, run, cancel);
        return shape.IsTrainedAsServed
            ? trained
            : AsServed(trained.Weights, trained.Training, cancel) with { Decay = trained.Decay, LearningRate = trained.LearningRate };
    }

    /// <summary>A full table compressed as it is.</summary>
    /// <param name="shape">How it is stored then.</param>
    /// <param name="full">The full table.</param>
    /// <param name="training">How its training ended.</param>
    /// <param name="cancel">Noticed between evaluations.</param>
    public Trained Compress(TableShape shape, TrainedWeights full, TrainingOutcome training, CancellationToken cancel) =>
        AsServed(Compressed(shape, full), training, cancel);

    /// <summary>A budgeted table that starts from the pretrained table's prefixes; only validated.</summary>
    public Trained FineTune(
        TableSizes sizes, TrainedWeights full, KeptTraining run, CancellationToken cancel) => Train(
            () => Start(data, sizes, full), OfTrial(sizes), fromRandom: false, evaluateTest: false, run, cancel);

    /// <summary>Epochs of a trial of these sizes.</summary>
    public int TrialEpochs(TableSizes sizes) => OfTrial(sizes).Epochs;

    /// <summary>The full table, trained on the training and the validation part for so many epochs.</summary>
    public (TrainedWeights Weights, RankingMetrics Test) RefitFull(
        int epochs, KeptTraining run, CancellationToken cancel)
    {
        var both = TrainAndValidation();
        using var recommender = new Recommender(backend, both, options.BackboneOptions);
        var test = Refit(recommender, both, options.Pretraining with { Epochs = epochs }, run, cancel);
        if (options.WarmStart)
            recommender.TurnToPrincipalAxes();
        return (recommender.Pack(Origin), test);
    }

    /// <summary>A table within the budget, trained on the training and the validation part for so many epochs.</summary>
    /// <param name="shape">How it is stored.</param>
    /// <param name="full">Reads the full table trained on both parts, which it begins with or is made of.</param>
    /// <param name="epochs">To train.</param>
    /// <param name="run">Trains, and keeps what is done.</param>
    /// <param name="cancel">Noticed after every step.</param>
    public (TrainedWeights Weights, RankingMetrics Test) Refit(
        TableShape shape, Func<TrainedWeights> full, int epochs, KeptTraining run, CancellationToken cancel)
    {
        var both = TrainAndValidation();
        if (shape.IsFullUntilPacked)
            return TestedAsServed(Compressed(shape, full()), both, cancel);
        using var recommender = Start(both, shape, options.WarmStart ? full() : null);
        var test = Refit(recommender, both, ToTheEnd(shape, options.WarmStart) with { Epochs = epochs }, run, cancel);
        var weights = recommender.Pack(Origin);
        return shape.IsTrainedAsServed ? (weights, test) : TestedAsServed(weights, both, cancel);
    }

    /// <summary>The metrics of a table that is already trained, as it is served.</summary>
    public (RankingMetrics Validation, RankingMetrics Test) Evaluate(TrainedWeights weights, CancellationToken cancel)
    {
        using var recommender = new Recommender(backend, data, options.BackboneOptions, weights);
        return (validation.Evaluate(recommender.Backbone, cancel), test.Value.Evaluate(recommender.Backbone, cancel));
    }

    public void Dispose()
    {
        validation.Dispose();
        if (test.IsValueCreated)
            test.Value.Dispose();
    }

    private TrainingOptions OfTrial(TableSizes sizes) =>
        Narrow(options.FineTuning, sizes, options.WarmStart ? options.TrialRates.For(sizes.Axes) : null);

    private TrainingOptions Narrow(TrainingOptions training, TableShape shape, WarmRates? warm) => NarrowTraining.Of(
        training, (double)shape.Values / ((long)data.EntityCount * options.MaximumSize), warm);

    /// <summary>
    /// Rows that are composed have all their values and begin with random ones, so they are trained as the full table is.
    /// </summary>
    private TrainingOptions ToTheEnd(TableShape shape, bool warm) => shape.TakesPrefixes
        ? Narrow(options.Retraining, shape, warm ? options.WarmRates.For(shape.Axes) : null)
        : warm ? options.Pretraining : options.Retraining;

    private PreparedDataset TrainAndValidation() => data with { Train = Interactions.Union(data.Train, data.Validation) };

    private Recommender Start(PreparedDataset trained, TableShape shape, TrainedWeights? full)
    {
        var recommender = new Recommender(backend, trained, options.BackboneOptions, shape);
        if (full is not null && shape.TakesPrefixes)
            recommender.TakePrefixes(full);
        return recommender;
    }

    /// <summary>
    /// The more interactions there are the less decay is wanted, in proportion: it stands for what is known before them, and
    /// is weighed against each of them. docs/decisions/2026-11-22-decay-and-data.md has the measurements.
    /// </summary>
    private RankingMetrics Refit(
        Recommender recommender, PreparedDataset both, TrainingOptions training, KeptTraining run, CancellationToken cancel)
    {
        float share = (float)data.Train.Count / both.Train.Count;
        training = training with { Decay = new(training.L2 * share, training.RepresentationL2 * share) };
        using var trainer = new Trainer(backend, recommender.Backbone, both, training, options.Seed, evaluator: null);
        run.Train(trainer, cancel);
        return test.Value.Evaluate(recommender.Backbone, cancel);
    }

    /// <summary>A full table in another shape, once its columns are in the order of what they are worth.</summary>
    private TrainedWeights Compressed(TableShape shape, TrainedWeights full)
    {
        using var recommender = new Recommender(backend, data, options.BackboneOptions, shape);
        recommender.TakePrefixes(full);
        if (!options.WarmStart)
            recommender.TurnToPrincipalAxes();
        return recommender.Pack(Origin);
    }

    private (TrainedWeights Weights, RankingMetrics Test) TestedAsServed(
        TrainedWeights weights, PreparedDataset both, CancellationToken cancel)
    {
        using var served = new Recommender(backend, both, options.BackboneOptions, weights);
        return (weights, test.Value.Evaluate(served.Backbone, cancel));
    }

    private Trained AsServed(TrainedWeights weights, TrainingOutcome training, CancellationToken cancel)
    {
        var (validated, tested) = Evaluate(weights, cancel);
        return new Trained(weights, training with { Validation = validated }, tested);
    }

    /// <summary>Whatever follows in the same step, what was trained is kept as it ended.</summary>
    private Trained TrainFullBy(TrainingOptions training, IReadOnlyList<double> rival, KeptTraining run, bool keepsEnd, CancellationToken cancel) =>
        Train(
            () => new Recommender(backend, data, options.BackboneOptions), training, fromRandom: true, evaluateTest: true, run, cancel, rival, keepsEnd) with
        {
            LearningRate = training.Schedule.First,
        };

    /// <summary>
    /// Trained once; from random values again and again, as long as that is shorter and better and it has not fallen behind a rival.
    /// </summary>
    private Trained Train(
        Func<Recommender> start, TrainingOptions training, bool fromRandom, bool evaluateTest, KeptTraining run, CancellationToken cancel,
        IReadOnlyList<double>? rival = null, bool keepsEnd = false)
    {
        for (Trained? best = null; ;)
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
            var tested = evaluateTest && !trainer.IsBehind ? test.Value.Evaluate(recommender.Backbone, cancel) : null;
            best = new Trained(recommender.Pack(Origin), outcome, tested)
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
    private Trained AsItIs(Recommender recommender, bool evaluateTest, CancellationToken cancel)
    {
        var outcome = new TrainingOutcome(0, 0, validation.Evaluate(recommender.Backbone, cancel));
        var tested = evaluateTest ? test.Value.Evaluate(recommender.Backbone, cancel) : null;
        return new Trained(recommender.Pack(Origin), outcome, tested);
    }
}
