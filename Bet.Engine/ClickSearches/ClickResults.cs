using Bet.Engine.Compute;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;

namespace Bet.Engine.ClickSearches;

/// <summary>One tried recipe; stored as <c>trial-N.json</c>.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Selection">How it was chosen.</param>
/// <param name="Recipe">The action.</param>
/// <param name="Bytes">Of all tables.</param>
/// <param name="PredictedFitness">What was expected; null where nothing could be said.</param>
/// <param name="Fitness">Quality as a share of that of full tables trained as long.</param>
/// <param name="Quality">See <see cref="ClickTableResult.Quality"/>.</param>
/// <param name="Seconds">Wall time; not part of the artifacts.</param>
public sealed record ClickTrialResult(
    int Number, SelectionRule Selection, FieldRecipe Recipe, long Bytes, double? PredictedFitness, double Fitness, double Quality,
    double Seconds)
{
    /// <summary>The trials under one budget that have ended, in order; where several run at once there may be gaps.</summary>
    internal static IReadOnlyList<ClickTrialResult> ReadAll(StepFiles files, ClickSearchOptions options) =>
        EndedTrials.Read(options.Trials, options.ParallelTrials, step => files.TryRead<ClickTrialResult>(step.Name));
}

/// <summary>How one field's embeddings are stored, for people and pages.</summary>
/// <param name="Name">The column's.</param>
/// <param name="Categories">n.</param>
/// <param name="Head">Categories with rows of their own.</param>
/// <param name="Rows">Rows of all its tables.</param>
/// <param name="Width">Values of a row.</param>
/// <param name="Precision">Of its rows.</param>
/// <param name="Bytes">Of its tables, its projection included.</param>
public sealed record FieldOutline(string Name, int Categories, int Head, long Rows, int Width, Precision Precision, long Bytes);

/// <summary>Trained tables' numbers; stored as <c>pretrain.json</c>, <c>retrain-N.json</c>, <c>compare-N.json</c>.</summary>
/// <param name="Name">"full", a name of <see cref="Fields.FieldMethods"/>, or the method that found it.</param>
/// <param name="Values">Values of all tables.</param>
/// <param name="Bytes">Bytes of all tables, as they are served.</param>
/// <param name="Trial">Of a retrained recipe, its trial's number.</param>
/// <param name="Quality">1 less the validation log loss over that of always saying the mean: the share of what can be known that is known.</param>
/// <param name="Validation">On the validation part.</param>
/// <param name="Test">On the test part.</param>
/// <param name="Steps">Steps trained.</param>
/// <param name="BestStep">The step whose weights were kept.</param>
/// <param name="Seconds">Wall time; not part of the artifacts.</param>
/// <param name="Fields">How each field is stored.</param>
public sealed record ClickTableResult(
    string Name, long Values, long Bytes, int? Trial, double Quality, ClickMetrics Validation, ClickMetrics Test, int Steps,
    int BestStep, double Seconds, IReadOnlyList<FieldOutline> Fields)
{
    /// <summary>The tables under one budget that were trained to the end so far: full, those compared with, the searched ones, the best first.</summary>
    internal static IReadOnlyList<ClickTableResult> ReadAll(StepFiles files, ClickSearchOptions options) =>
    [
        .. Read(files, options, StepKind.Pretrain), .. Read(files, options, StepKind.Compare), .. Read(files, options, StepKind.Retrain),
    ];

    /// <summary>
    /// Those of a kind of step that were trained to the end so far; of retrained ones the best first, or where a search was cancelled
    /// before there was one the best of its trials.
    /// </summary>
    internal static IReadOnlyList<ClickTableResult> Read(StepFiles files, ClickSearchOptions options, StepKind kind)
    {
        var rows = files.ReadAll<ClickTableResult>(options.PointSteps().Where(step => step.Kind == kind)).Select(row => row.Result);
        if (kind != StepKind.Retrain)
            return [.. rows];
        ClickTableResult[] searched = [.. rows.OrderByDescending(row => row.Quality)];
        return searched.Length == 0 && files.TryRead<ClickTableResult>(StepFiles.BestSoFarName) is { } best ? [best] : searched;
    }
}
