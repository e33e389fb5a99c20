using System.Globalization;
using Bet.Engine.Compute;
using Bet.Engine.Embeddings;
using Bet.Engine.Search;

namespace Bet.Bench.Tables;

/// <summary>One search of the paper's table: a data set, a backbone and a sparsity, by a method of searching.</summary>
/// <param name="Dataset">A folder of shared/data.</param>
/// <param name="Backbone">Which backbone.</param>
/// <param name="Sparsity">Share of the full float32 table's bytes that must go.</param>
/// <param name="Method">How tables are searched for.</param>
/// <param name="Effort">How much work the search may be.</param>
/// <param name="Seed">Of everything random, the split included.</param>
/// <param name="Precision">Of all its tables within the budget; null: the method's choice.</param>
/// <param name="Retrained">
/// Where trials themselves are measured: how many there are, all of them trained to the end, with nothing beside them.
/// </param>
/// <param name="Size">How many values a row may have under the same budget, where these are not the paper's.</param>
public sealed record Cell(
    string Dataset, string Backbone, double Sparsity, string Method, Effort Effort, ulong Seed, Precision? Precision = null,
    int? Retrained = null, int? Size = null)
{
    /// <summary>The paper's d_max: sparsity is a share of a float32 table of that width.</summary>
    public const int PaperSize = 128;

    /// <summary>Of its files: "gowalla-lightgcn-90-bet-plus-quick-1".</summary>
    public string Name => string.Join(
        '-',
        new[]
        {
            Dataset, Backbone, (Sparsity * 100).ToString("0.#", CultureInfo.InvariantCulture), Method, Precision?.Name(),
            Size is { } size ? $"size-{size}" : null, Effort.ToString().ToLowerInvariant(), Seed.ToString(CultureInfo.InvariantCulture),
            Retrained is { } all ? $"retrained-{all}" : null,
        }.OfType<string>());

    /// <summary>How it is searched, for the page: "bet-plus in float32, quick".</summary>
    public string Search => Method + (Precision is { } only ? $" in {only.Name()}" : "")
        + (Size is { } wider ? $", rows of up to {wider} values" : "") + $", {Effort.ToString().ToLowerInvariant()}";
}

/// <summary>What came of a cell; stored in bench/results/table1 when its search has ended.</summary>
/// <param name="Cell">Which one.</param>
/// <param name="MaximumBytes">The budget.</param>
/// <param name="Options">All that decided the result.</param>
/// <param name="Tables">The tables that were trained.</param>
/// <param name="Trials">The trials, in order.</param>
/// <param name="Machine">Where it ran, on how many cores.</param>
/// <param name="Commit">Of the program.</param>
/// <param name="Date">When it ended.</param>
public sealed record CellResult(
    Cell Cell, long MaximumBytes, SearchOptions Options, IReadOnlyList<TrainedResult> Tables, IReadOnlyList<CellTrial> Trials,
    string Machine, string Commit, string Date)
{
    /// <summary>The found table of a protocol: the best on validation, or that table trained on the validation part too.</summary>
    public TrainedResult? Found(TrainedOn on) =>
        Tables.FirstOrDefault(row => row.Name == Cell.Method && row.TrainedOn == on);

    /// <summary>A trial's quality after it was trained to the end; null where it was not.</summary>
    public double? RetrainedQuality(CellTrial trial) =>
        Tables.FirstOrDefault(row => row.Trial == trial.Number && row.TrainedOn == TrainedOn.Train)?.Quality;

    /// <summary>The row of that name and protocol.</summary>
    public TrainedResult? Row(string name, TrainedOn on) =>
        Tables.FirstOrDefault(row => row.Name == name && row.TrainedOn == on);
}

/// <summary>A trial without its sizes row by row.</summary>
public sealed record CellTrial(
    int Number, SelectionRule Selection, string Users, string Items, double? Predicted, double Fitness, double Quality, double Seconds)
{
    public static CellTrial Of(TrialResult trial) => new(
        trial.Number, trial.Selection, $"{trial.Sizes.Users.Precision} {trial.UserFamily}{AxesOf(trial)}",
        $"{trial.Sizes.Items.Precision} {trial.ItemFamily}{AxesOf(trial)}", trial.PredictedFitness, trial.Fitness, trial.Quality, trial.Seconds);

    private static string AxesOf(TrialResult trial) => trial.Sizes.Axes == ColumnAxes.Even ? ", even axes" : "";
}
