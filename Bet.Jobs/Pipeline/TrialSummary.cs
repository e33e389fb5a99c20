using System.Text.Json.Serialization;
using Bet.Engine.ClickSearches;
using Bet.Engine.Compute;
using Bet.Engine.Embeddings;
using Bet.Engine.Search;

namespace Bet.Jobs.Pipeline;

/// <summary>
/// A trial as its client sees it: of a recommender the action by its outline, not row by row; of click data the recipe, and
/// nothing of users and items.
/// </summary>
/// <param name="Number">From 1.</param>
/// <param name="Selection">How it was chosen among its candidates.</param>
/// <param name="UserFamily">The family its users' sizes were drawn from.</param>
/// <param name="ItemFamily">The family its items' sizes were drawn from.</param>
/// <param name="UserPrecision">How the users' values are stored.</param>
/// <param name="ItemPrecision">How the items' values are stored.</param>
/// <param name="Axes">What coarse rows began on.</param>
/// <param name="Values">Values that the table keeps.</param>
/// <param name="LargestUserSize">The size of the most frequent user.</param>
/// <param name="LargestItemSize">The size of the most frequent item.</param>
/// <param name="MeanUserSize">Values a user.</param>
/// <param name="MeanItemSize">Values an item.</param>
/// <param name="PredictedFitness">What the predictor said before the trial; null for a random choice without history.</param>
/// <param name="Fitness">Validation quality as a share of the full table's.</param>
/// <param name="Quality">Validation quality.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Point">Of a curve the budget that it was made under, from 1; null under one budget.</param>
/// <param name="Bytes">Of click data, the bytes of all fields' tables.</param>
/// <param name="Recipe">Of click data, what all fields' tables follow from.</param>
public sealed record TrialSummary(
    int Number, SelectionRule Selection,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? UserFamily,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ItemFamily,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Precision? UserPrecision,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Precision? ItemPrecision,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ColumnAxes? Axes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Values,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? LargestUserSize,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? LargestItemSize,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? MeanUserSize,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? MeanItemSize,
    double? PredictedFitness, double Fitness, double Quality, double Seconds, int? Point = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Bytes = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FieldRecipe? Recipe = null)
{
    /// <param name="trial">The trial.</param>
    /// <param name="point">See <see cref="SearchStep.Point"/>.</param>
    public static TrialSummary Of(TrialResult trial, int point) => new(
        trial.Number, trial.Selection, trial.UserFamily, trial.ItemFamily, trial.Sizes.Users.Precision,
        trial.Sizes.Items.Precision, trial.Sizes.Axes, trial.Sizes.Values, trial.Sizes.Users.Largest, trial.Sizes.Items.Largest,
        Mean(trial.Sizes.Users), Mean(trial.Sizes.Items),
        trial.PredictedFitness, trial.Fitness, trial.Quality, trial.Seconds, point == 0 ? null : point);

    /// <param name="trial">The trial.</param>
    /// <param name="point">See <see cref="SearchStep.Point"/>.</param>
    public static TrialSummary Of(ClickTrialResult trial, int point) => new(
        trial.Number, trial.Selection, null, null, null, null, null, null, null, null, null, null,
        trial.PredictedFitness, trial.Fitness, trial.Quality, trial.Seconds, point == 0 ? null : point, Bytes: trial.Bytes, Recipe: trial.Recipe);

    private static double Mean(SideSizes side) => side.Rows == 0 ? 0 : Math.Round((double)side.Values / side.Rows, 3);
}

/// <summary>The best trial so far.</summary>
/// <param name="Trial">Its number.</param>
/// <param name="Fitness">Validation quality as a share of the full table's.</param>
/// <param name="Quality">Validation quality.</param>
/// <param name="Point">Of a curve the budget that is worked on, from 1, whose best it is; null under one budget.</param>
public sealed record BestTrial(int Trial, double Fitness, double Quality, int? Point = null);
