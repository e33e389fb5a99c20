using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Embeddings;
using Bet.Engine.Evaluation;

namespace Bet.Engine.Search;

/// <summary>One table's numbers, as a client sees them.</summary>
/// <param name="Name">"full", a name of <see cref="ComparedTables"/>, or the method that found it.</param>
/// <param name="Values">Values that the table keeps.</param>
/// <param name="Bytes">Bytes a server must hold to look up any row.</param>
/// <param name="Trial">The trial whose sizes these are; null for rows that come from none.</param>
/// <param name="Epochs">Epochs trained.</param>
/// <param name="BestEpoch">The epoch whose weights were kept.</param>
/// <param name="UserPrecision">How the users' values are stored.</param>
/// <param name="ItemPrecision">How the items' values are stored.</param>
/// <param name="TrainedOn">What it was trained on.</param>
/// <param name="Validation">On the validation part, training items left out; null for a table that was trained on it.</param>
/// <param name="Test">On the test part, training and validation items left out.</param>
/// <param name="Decay">The l2 and representationL2 of its training on the training part; null where nothing was trained.</param>
/// <param name="LearningRate">The learningRate of that training as a request gives it; null where nothing was trained.</param>
public sealed record TableRow(
    string Name, long Values, long Bytes, Precision UserPrecision, Precision ItemPrecision, int? Trial, int Epochs,
    int BestEpoch, TrainedOn TrainedOn, RankingMetrics? Validation, RankingMetrics Test,
    L2Weights? Decay = null, float? LearningRate = null)
{
    public static TableRow Of(TrainedResult result) => new(
        result.Name, result.Values, result.Bytes, result.UserPrecision, result.ItemPrecision, result.Trial, result.Epochs,
        result.BestEpoch, result.TrainedOn, result.Validation, result.Test, result.Decay, result.LearningRate);
}

/// <summary>One trial's numbers, as a client sees them.</summary>
public sealed record TrialRow(
    int Number, SelectionRule Selection, string UserFamily, string ItemFamily, Precision UserPrecision,
    Precision ItemPrecision, ColumnAxes Axes, long UserValues, long ItemValues, double? PredictedFitness, double Fitness, double Quality)
{
    public static TrialRow Of(TrialResult trial) => new(
        trial.Number, trial.Selection, trial.UserFamily, trial.ItemFamily, trial.Sizes.Users.Precision,
        trial.Sizes.Items.Precision, trial.Sizes.Axes, trial.Sizes.Users.Values,
        trial.Sizes.Items.Values, trial.PredictedFitness, trial.Fitness, trial.Quality);
}

/// <summary>metrics.json: what was trained on what, and how good it is. No times: the same search gives the same bytes.</summary>
/// <param name="Backbone">The backbone's name.</param>
/// <param name="Loss">The loss's name.</param>
/// <param name="Score">How a user's and an item's representation give a score: "inner product", "cosine" or "network".</param>
/// <param name="SplitHash">See <see cref="PreparedDataset.SplitHash"/>.</param>
/// <param name="Protocol">How the tables were trained and tested.</param>
/// <param name="Tables">The full table, those compared with under the same budget, and the table that was found; where they were trained again on the validation part too, those likewise.</param>
/// <param name="Trials">The evaluated actions.</param>
public sealed record SearchMetrics(
    string Backbone, string Loss, string Score, string SplitHash, int Users, int Items, int TrainInteractions, int ValidationInteractions,
    int TestInteractions, string Protocol, IReadOnlyList<TableRow> Tables, IReadOnlyList<TrialRow> Trials);
