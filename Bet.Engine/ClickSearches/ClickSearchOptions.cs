using System.Text.Json.Serialization;
using Bet.Engine.Clicks;
using Bet.Engine.Compute;
using Bet.Engine.Fields;
using Bet.Engine.Search;
using Bet.Engine.Training;

namespace Bet.Engine.ClickSearches;

/// <summary>
/// Everything that decides the result of a search over click data: the same options over the same data give the same bytes.
/// Immutable, stored with the result.
/// </summary>
public sealed record ClickSearchOptions : IStepOptions
{
    /// <summary>A name of <see cref="ClickModelRegistry"/>: "dlrm", "dcn".</summary>
    public required string Backbone { get; init; }

    /// <summary>
    /// The bound on the tables of all fields together; null where <see cref="Collisions"/> say how small they are. Where there
    /// are <see cref="Budgets"/>, the first of them, and in a point's options that point's.
    /// </summary>
    public BudgetRequest? Budget { get; init; }

    public IReadOnlyList<BudgetRequest>? Budgets { get; init; }

    public Effort Effort { get; init; } = Effort.Standard;

    public ulong Seed { get; init; } = 1;

    public required ClickSplitOptions Split { get; init; }

    /// <summary>d, values of a feature.</summary>
    public int Size { get; init; } = 16;

    /// <summary>
    /// "bet-plus", which searches for what every field gets; or a name of <see cref="FieldMethods"/>, by which all tables are
    /// then stored, with no trials.
    /// </summary>
    public string Method { get; init; } = SearchMethods.BetPlus;

    /// <summary>Of a named method, as users of DLRM ask for it: about how many categories share a row of the first table.</summary>
    public int? Collisions { get; init; }

    /// <summary>Of a named method: fields with no more categories have full tables, where the budget holds these.</summary>
    public int Threshold { get; init; } = FieldMethod.DefaultThreshold;

    /// <summary>How rows of the searched tables are stored; null: the search's choice, or what a named method says.</summary>
    public Precision? Precision { get; init; }

    /// <summary>Trials; 0 for a named method.</summary>
    public required int Trials { get; init; }

    /// <summary>See <see cref="SearchOptions.ParallelTrials"/>.</summary>
    public int ParallelTrials { get; init; } = 1;

    /// <summary>Recipes drawn for one trial, of which one is chosen.</summary>
    public int Candidates { get; init; } = 1000;

    /// <summary>How many of the best recipes are trained to the end.</summary>
    public required int Retrained { get; init; }

    /// <summary>Share of the training part that a trial trains on, spread evenly over it.</summary>
    public double TrialShare { get; init; } = 1;

    /// <inheritdoc/>
    [JsonIgnore]
    public double TrialsPerRetraining => 1 / TrialShare;

    /// <summary>Names of <see cref="FieldMethods"/>: rows beside the found tables, under the same budget.</summary>
    public IReadOnlyList<string> Compare { get; init; } = ["hashing", "quotient-remainder-multiply"];

    public required ClickModelOptions Model { get; init; }

    public required ClickTrainingOptions Training { get; init; }

    /// <summary>Whether a search chooses the tables, and not the request.</summary>
    internal bool IsSearch => Method == SearchMethods.BetPlus;

    public IReadOnlyList<SearchStep> PointSteps() =>
    [
        new(StepKind.Prepare, 0),
        new(StepKind.Pretrain, 0),
        .. Enumerable.Range(0, Trials).Select(i => new SearchStep(StepKind.Trial, i)),
        .. Enumerable.Range(0, IsSearch ? Math.Min(Retrained, Trials) : 1).Select(i => new SearchStep(StepKind.Retrain, i)),
        .. Compare.Select((_, i) => new SearchStep(StepKind.Compare, i)),
        new(StepKind.Export, 0),
    ];
}
