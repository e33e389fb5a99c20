using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;

namespace Bet.Engine.Search;

/// <summary>How a trial's action was chosen; the first three are BET's (section 3.5.1).</summary>
public enum SelectionRule
{
    /// <summary>The largest predicted fitness.</summary>
    BestPredicted,

    /// <summary>The nearest, in action embedding, to the best action so far.</summary>
    NearestToBest,

    /// <summary>Any of the candidates.</summary>
    Random,

    /// <summary>One that every search begins with.</summary>
    Beginning,

    /// <summary>The largest expected improvement.</summary>
    ExpectedImprovement,
}

/// <summary>One evaluated action; stored as <c>trial-N.json</c>.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Selection">How it was chosen.</param>
/// <param name="UserFamily">The family its users' sizes were drawn from.</param>
/// <param name="ItemFamily">The family its items' sizes were drawn from.</param>
/// <param name="Sizes">The action.</param>
/// <param name="PredictedFitness">What the predictor said before the trial; null for a random choice without history.</param>
/// <param name="Fitness">Validation quality as a share of the full table's (Eq. 12).</param>
/// <param name="Quality">Validation quality (Eq. 13).</param>
/// <param name="Seconds">Wall time; not part of the artifacts.</param>
public sealed record TrialResult(
    int Number, SelectionRule Selection, string UserFamily, string ItemFamily, TableSizes Sizes,
    double? PredictedFitness, double Fitness, double Quality, double Seconds)
{
    /// <summary>The trials under one budget that have ended, in order; where several run at once there may be gaps.</summary>
    internal static IReadOnlyList<TrialResult> ReadAll(SearchFiles files, SearchOptions options) =>
        EndedTrials.Read(options.Trials, options.ParallelTrials, step => files.TryRead<TrialResult>(step.Name));

    /// <summary>
    /// The best first; then the best on other axes, as trials do not compare axes as well as they compare what else tables differ in:
    /// docs/decisions/2026-11-23-one-of-each-axes.md; then all others. A table that was tried twice comes last the second time.
    /// </summary>
    internal static IEnumerable<TrialResult> InOrderOfRetraining(IEnumerable<TrialResult> trials)
    {
        var ranked = trials.OrderByDescending(trial => trial.Fitness).ThenBy(trial => trial.Number).ToList();
        var distinct = ranked.DistinctBy(trial => trial.Sizes).ToList();
        return distinct.DistinctBy(trial => trial.Sizes.Axes).Concat(distinct).Concat(ranked).Distinct();
    }
}

/// <summary>What a table was trained on.</summary>
public enum TrainedOn
{
    /// <summary>The training part; the validation part decided when to stop.</summary>
    Train,

    /// <summary>The training and the validation part, for as many epochs as the former decided.</summary>
    TrainAndValidation,

    /// <summary>Nothing here: the values are a given table's, as they were given or cut and rounded.</summary>
    Given,
}

/// <summary>
/// A trained table's numbers; stored beside its weights as <c>pretrain.json</c>, <c>retrain-N.json</c>,
/// <c>compare-N.json</c>, <c>refit-N.json</c>.
/// </summary>
/// <param name="Name">"full", a name of <see cref="ComparedTables"/>, or the method that found it.</param>
/// <param name="Values">Values that the table keeps.</param>
/// <param name="Bytes">Bytes that it serves from.</param>
/// <param name="Trial">For a retrained action, its trial's number.</param>
/// <param name="Quality">Validation quality (Eq. 13); of a table trained on the validation part too, that of the one before.</param>
/// <param name="Validation">On the validation part, training items left out; null for a table that was trained on it.</param>
/// <param name="Test">On the test part, training and validation items left out.</param>
/// <param name="Epochs">Epochs trained, and the one whose weights were kept.</param>
/// <param name="BestEpoch">The epoch with the best validation quality.</param>
/// <param name="Seconds">Wall time; not part of the artifacts.</param>
/// <param name="TrainedOn">What it was trained on.</param>
/// <param name="UserPrecision">How the users' values are stored.</param>
/// <param name="ItemPrecision">How the items' values are stored.</param>
/// <param name="Axes">What its training began on.</param>
/// <param name="Decay">What it was trained with; null where nothing was trained.</param>
/// <param name="LearningRate">The first rate of a training from random values; of one that begins with the full table, what it has a share of. Null where nothing was trained.</param>
public sealed record TrainedResult(
    string Name, long Values, long Bytes, int? Trial, double Quality, RankingMetrics? Validation, RankingMetrics Test,
    int Epochs, int BestEpoch, double Seconds, TrainedOn TrainedOn, Precision UserPrecision, Precision ItemPrecision, ColumnAxes Axes = default,
    L2Weights? Decay = null, float? LearningRate = null)
{
    /// <summary>How its values are stored, and what they began on.</summary>
    internal TablePrecision Stored => new(UserPrecision, ItemPrecision) { Axes = Axes };

    /// <summary>
    /// Standard errors of the quality that are a clear difference between tables of the same data, whose errors go together. The
    /// best of several that are alike is the luckiest, and what is lucky on one part is not on another:
    /// docs/decisions/2026-11-22-fewer-bits-for-one-side.md
    /// </summary>
    private const double ClearErrors = 0.5;

    /// <summary>
    /// The tables that a search under one budget has trained so far: full, those compared with, then searched ones, the best first; then
    /// those that were trained again on more data. Where a table to compare with is clearly the best of all it is what was found,
    /// and stands among the searched ones as well. A cancelled search may have the best of its trials alone.
    /// </summary>
    public static IReadOnlyList<TrainedResult> ReadAll(IStepStore store, SearchOptions options)
    {
        var files = new SearchFiles(store);
        IEnumerable<TrainedResult> Of(StepKind kind) =>
            files.ReadAll<TrainedResult>(options.PointSteps().Where(step => step.Kind == kind)).Select(row => row.Result);
        TrainedResult[] compared = [.. Of(StepKind.Compare)];
        TrainedResult[] searched = [.. Of(StepKind.Retrain).OrderByDescending(row => row.Quality)];
        if (searched.Length == 0 && files.TryRead<TrainedResult>(StepFiles.BestSoFarName) is { } best)
            searched = [best];
        return
        [
            .. Of(StepKind.Pretrain), .. compared,
            .. searched.Length > 0 && BetterThan(searched[0], compared) is { } better ? [better with { Name = options.Method }] : Array.Empty<TrainedResult>(),
            .. searched, .. Of(StepKind.Refit),
        ];
    }

    /// <summary>
    /// The table to compare with that is the best on validation, of those that are better than the best searched one: it keeps
    /// the same budget, so there is no reason to serve a worse one. Uniform sizes only have to be better; others by
    /// <see cref="ClearErrors"/>. Else null.
    /// </summary>
    internal static TrainedResult? BetterThan(TrainedResult searched, IEnumerable<TrainedResult> compared)
    {
        double clearly = searched.Quality + (ClearErrors * Evaluation.Quality.ErrorOf(searched.Validation!));
        return compared
            .Where(row => row.Quality > (row.Name == ComparedTables.Uniform ? searched.Quality : clearly))
            .MaxBy(row => row.Quality);
    }
}
