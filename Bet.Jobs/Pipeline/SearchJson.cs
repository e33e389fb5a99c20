using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Jobs.Pipeline;

/// <summary>How records are written as JSON, in the tables and over HTTP: camelCase, enums as camelCase words, as in the artifacts.</summary>
public static class SearchJson
{
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        // Raw ids and messages are text in many languages, and our JSON is never put into a page unescaped.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.NumberHandling = JsonNumberHandling.Strict;
        return options;
    }

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T Read<T>(string json) =>
        JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException($"{typeof(T).Name} is null");
}

/// <summary>A trial as its client sees it: the action by its outline, not row by row.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Selection">How it was chosen among its candidates.</param>
/// <param name="UserFamily">The family its users' sizes were drawn from.</param>
/// <param name="ItemFamily">The family its items' sizes were drawn from.</param>
/// <param name="UserPrecision">How the users' values are stored.</param>
/// <param name="ItemPrecision">How the items' values are stored.</param>
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
public sealed record TrialSummary(
    int Number, SelectionRule Selection, string UserFamily, string ItemFamily, Precision UserPrecision,
    Precision ItemPrecision, long Values, int LargestUserSize, int LargestItemSize, double MeanUserSize, double MeanItemSize,
    double? PredictedFitness, double Fitness, double Quality, double Seconds, int? Point = null)
{
    /// <param name="trial">The trial.</param>
    /// <param name="point">See <see cref="SearchStep.Point"/>.</param>
    public static TrialSummary Of(TrialResult trial, int point) => new(
        trial.Number, trial.Selection, trial.UserFamily, trial.ItemFamily, trial.Sizes.Users.Precision,
        trial.Sizes.Items.Precision, trial.Sizes.Values, trial.Sizes.Users.Largest, trial.Sizes.Items.Largest, Mean(trial.Sizes.Users), Mean(trial.Sizes.Items),
        trial.PredictedFitness, trial.Fitness, trial.Quality, trial.Seconds, point == 0 ? null : point);

    private static double Mean(SideSizes side) => side.Rows == 0 ? 0 : Math.Round((double)side.Values / side.Rows, 3);
}

/// <summary>The best trial so far.</summary>
/// <param name="Trial">Its number.</param>
/// <param name="Fitness">Validation quality as a share of the full table's.</param>
/// <param name="Quality">Validation quality.</param>
/// <param name="Point">Of a curve the budget that is worked on, from 1, whose best it is; null under one budget.</param>
public sealed record BestTrial(int Trial, double Fitness, double Quality, int? Point = null);
