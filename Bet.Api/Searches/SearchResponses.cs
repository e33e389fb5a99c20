using System.Text.Json;
using Bet.Api.Datasets;
using Bet.Engine.ClickSearches;
using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Searches;

/// <summary>
/// The budget that a search keeps to. Of click data it is of all categories of the data set until the data are prepared, and
/// then of those that the training part has often enough.
/// </summary>
/// <param name="Asked">As it was asked for.</param>
/// <param name="Rows">Users and items; of click data the categories of all fields.</param>
/// <param name="MaximumValues">The most values that the table may keep.</param>
/// <param name="MaximumBytes">The most bytes that the packed table may take: values, scales and index.</param>
/// <param name="FullBytes">The bytes of the full float32 table.</param>
public sealed record BudgetResponse(BudgetRequest Asked, long Rows, long MaximumValues, long MaximumBytes, long FullBytes)
{
    public static BudgetResponse Of(MemoryBudget budget) => new(
        budget.Asked, (long)budget.Users + budget.Items, budget.MaximumValues, budget.MaximumBytes, budget.FullBytes);

    public static BudgetResponse Of(FieldBudget budget) => new(
        budget.Asked, budget.Categories.Sum(n => (long)n), budget.MaximumValues, budget.MaximumBytes, budget.FullBytes);
}

/// <summary>Why a search failed.</summary>
/// <param name="Code">For a program.</param>
/// <param name="Message">For a person.</param>
public sealed record SearchError(string Code, string Message)
{
    public static SearchError? Of(SearchRow row) => row.ErrorCode is { } code ? new SearchError(code, row.ErrorMessage ?? "") : null;
}

/// <summary>How far a search is.</summary>
/// <param name="Phase">The kind of the step that runs or ran last: prepare, pretrain, trial, retrain, compare, refit, export, curve; cancel, where a search that was stopped is brought to its end.</param>
/// <param name="Step">Its name: "trial-3"; for a point of a curve "budget-2/trial-3".</param>
/// <param name="StepsDone">Steps whose result is stored.</param>
/// <param name="Steps">All steps.</param>
/// <param name="StepFraction">How much of the step is done, 0 to 1.</param>
/// <param name="Fraction">Steps done and the share of the one that runs, over all steps.</param>
/// <param name="Detail">What the step last said.</param>
public sealed record SearchProgressResponse(
    string? Phase, string? Step, int StepsDone, int Steps, double StepFraction, double Fraction, string? Detail)
{
    public static SearchProgressResponse Of(SearchRow row)
    {
        bool betweenSteps = row.StepFraction >= 1;
        double done = row.StepsDone + (betweenSteps || row.IsFinished ? 0 : row.StepFraction);
        return new SearchProgressResponse(
            row.Step?.Split('/')[^1].Split('-')[0], row.Step, row.StepsDone, row.StepCount, row.StepFraction,
            Math.Round(Math.Min(1, done / Math.Max(1, row.StepCount)), 4), row.Detail);
    }
}

/// <summary>When a search is stopped at the latest.</summary>
/// <param name="BeginBy">It is cancelled where no worker has begun it by then.</param>
/// <param name="EndBy">It is stopped then, with the best table so far; known from its begin on.</param>
/// <param name="RunSeconds">From its begin.</param>
/// <param name="KeepAliveSeconds">It is cancelled when nobody has asked for it for so long.</param>
public sealed record DeadlinesResponse(DateTimeOffset? BeginBy, DateTimeOffset? EndBy, double? RunSeconds, double? KeepAliveSeconds)
{
    public static DeadlinesResponse? Of(SearchRow row) =>
        row is { BeginBy: null, LongestRun: null, KeepAlive: null }
            ? null
            : new(Time(row.BeginBy), Time(row.StartedAt + row.LongestRun), row.LongestRun / 1000.0, row.KeepAlive / 1000.0);

    private static DateTimeOffset? Time(long? milliseconds) =>
        milliseconds is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
}

/// <summary>Where to go from a search.</summary>
/// <param name="Self">The search.</param>
/// <param name="Trials">What it has tried.</param>
/// <param name="Events">What has happened.</param>
/// <param name="Artifacts">Its files.</param>
/// <param name="Bundle">All of them as one zip.</param>
/// <param name="Cancel">POST: stop it.</param>
/// <param name="Pause">POST: let it rest.</param>
/// <param name="Resume">POST: go on with it.</param>
/// <param name="Split">Which interactions it trains on, decides by and is tested on; null for click data.</param>
public sealed record SearchLinks(string Self, string Trials, string Events, string Artifacts, string Bundle, string Cancel, string Pause, string Resume, string? Split);

/// <summary>A point of a curve that is done, and where its files are.</summary>
/// <param name="Result">What was found.</param>
/// <param name="Artifacts">Its files.</param>
/// <param name="Bundle">All of them as one zip.</param>
public sealed record CurvePointResponse(CurvePoint Result, string Artifacts, string Bundle);

/// <summary>Quality against bytes, as far as it is known.</summary>
/// <param name="Full">The full float32 table.</param>
/// <param name="FullRefitted">It, trained again on the training and the validation part; null where that was not asked for.</param>
/// <param name="Points">The points that are done, in the order in which they were asked for.</param>
public sealed record CurveResponse(TableRow Full, TableRow? FullRefitted, IReadOnlyList<CurvePointResponse> Points)
{
    public static CurveResponse Of(QualityCurve curve, string self) => new(
        curve.Full, curve.FullRefitted,
        [.. curve.Points.Select(point => new CurvePointResponse(
            point, $"{self}/budgets/{point.Point}/artifacts", $"{self}/budgets/{point.Point}/bundle"))]);
}

/// <summary>A point of a curve over click data that is done, and where its files are.</summary>
/// <param name="Result">What was found.</param>
/// <param name="Artifacts">Its files.</param>
/// <param name="Bundle">All of them as one zip.</param>
public sealed record ClickCurvePointResponse(ClickCurvePoint Result, string Artifacts, string Bundle);

/// <summary>Log loss against bytes, as far as it is known.</summary>
/// <param name="Full">Full float32 tables.</param>
/// <param name="Points">The points that are done, in the order in which they were asked for.</param>
public sealed record ClickCurveResponse(ClickTableResult Full, IReadOnlyList<ClickCurvePointResponse> Points)
{
    public static ClickCurveResponse Of(ClickCurve curve, string self) => new(
        curve.Full,
        [.. curve.Points.Select(point => new ClickCurvePointResponse(
            point, $"{self}/budgets/{point.Point}/artifacts", $"{self}/budgets/{point.Point}/bundle"))]);
}

/// <summary>A search.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Dataset">The data set's id.</param>
/// <param name="Table">The id of the table that it begins with; null where the full table is trained.</param>
/// <param name="Label">The client's label.</param>
/// <param name="State">queued, running, paused, succeeded, failed, cancelling or cancelled.</param>
/// <param name="Priority">Searches with a higher one are worked on first.</param>
/// <param name="Queue">Only workers that serve it work on the search.</param>
/// <param name="QueueWorkers">While it is queued, how many workers serve its queue now: where there is none, it waits until one comes. Null in any other state.</param>
/// <param name="Deadlines">When it is stopped at the latest; null where it never is.</param>
/// <param name="Progress">How far it is.</param>
/// <param name="Best">The best trial so far.</param>
/// <param name="SecondsLeft">An estimate from the steps measured so far; null until there is something to go by.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Budget">The budget, resolved; null for a curve, and where collisions were given instead.</param>
/// <param name="Budgets">A curve's budgets, resolved; null under one budget.</param>
/// <param name="Options">Everything that decides the result, defaults included; null for click data.</param>
/// <param name="ClickOptions">The same of click data; null for recommenders.</param>
/// <param name="Results">When there are artifacts under one budget: the full table, those compared with and the searched ones, best first.</param>
/// <param name="ClickResults">The same of click data.</param>
/// <param name="Curve">Of a curve, from the first point's end on: quality against bytes at the points that are done.</param>
/// <param name="ClickCurve">The same of click data: log loss against bytes.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="StartedAt">When a worker first had it.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Links">Where to go from here.</param>
public sealed record SearchResponse(
    string Id, string Dataset, string? Table, string? Label, SearchState State, int Priority, string Queue, int? QueueWorkers, DeadlinesResponse? Deadlines, SearchProgressResponse Progress, BestTrial? Best,
    double? SecondsLeft, SearchError? Error, BudgetResponse? Budget, IReadOnlyList<BudgetResponse>? Budgets,
    SearchOptions? Options, ClickSearchOptions? ClickOptions, IReadOnlyList<TrainedResult>? Results,
    IReadOnlyList<ClickTableResult>? ClickResults, CurveResponse? Curve, ClickCurveResponse? ClickCurve, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt, SearchLinks Links)
{
    public static SearchResponse Of(SearchView view)
    {
        var row = view.Row;
        string self = SelfOf(row);
        var terms = SearchTerms.Of(row.Options, row.Budget);
        return new SearchResponse(
            row.Id, row.Dataset, row.FullTable, row.Label, row.State, row.Priority, row.Queue, view.QueueWorkers, DeadlinesResponse.Of(row), SearchProgressResponse.Of(row),
            BestOf(row), SecondsLeftOf(row), SearchError.Of(row),
            terms.Budget, terms.Budgets, terms.Options, terms.ClickOptions,
            terms.Options is null || row.Results is null ? null : SearchJson.Read<List<TrainedResult>>(row.Results),
            terms.ClickOptions is null || row.Results is null ? null : SearchJson.Read<List<ClickTableResult>>(row.Results),
            terms.Options is null || row.Curve is null ? null : CurveResponse.Of(SearchJson.Read<QualityCurve>(row.Curve), self),
            terms.ClickOptions is null || row.Curve is null ? null : ClickCurveResponse.Of(SearchJson.Read<ClickCurve>(row.Curve), self),
            Time(row.CreatedAt)!.Value, Time(row.StartedAt), Time(row.FinishedAt),
            new SearchLinks(self, $"{self}/trials", $"{self}/events", $"{self}/artifacts", $"{self}/bundle", $"{self}/cancel", $"{self}/pause", $"{self}/resume",
                terms.Options is { } options ? DatasetSplits.Url(row.Dataset, options.Split, options.Seed) : null));
    }

    internal static string SelfOf(SearchRow row) => $"/v1/searches/{row.Id}";

    internal static BestTrial? BestOf(SearchRow row) => row.Best is null ? null : SearchJson.Read<BestTrial>(row.Best);

    internal static double? SecondsLeftOf(SearchRow row) => row.SecondsLeft is { } left ? Math.Round(left, 1) : null;

    internal static DateTimeOffset? Time(long? milliseconds) =>
        milliseconds is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
}

/// <summary>What a search would be; the answer to validateOnly.</summary>
/// <param name="Budget">The budget, resolved; null for a curve, and where collisions were given instead.</param>
/// <param name="Budgets">A curve's budgets, resolved; null under one budget.</param>
/// <param name="Options">Everything that decides the result, defaults included; null for click data.</param>
/// <param name="ClickOptions">The same of click data; null for recommenders.</param>
/// <param name="Steps">How many steps it would take.</param>
/// <param name="QueueWorkers">How many workers serve its queue now: where there is none, it would wait until one comes.</param>
public sealed record SearchPlan(
    BudgetResponse? Budget, IReadOnlyList<BudgetResponse>? Budgets, SearchOptions? Options, ClickSearchOptions? ClickOptions, int Steps, int QueueWorkers)
{
    public static SearchPlan Of(ResolvedSearch search, int queueWorkers)
    {
        var terms = SearchTerms.Of(search.Options, search.Budget);
        return new(
            terms.Budget, terms.Budgets, terms.Options, terms.ClickOptions, SearchKind.Of(search.Options).Options.Steps().Count, queueWorkers);
    }
}

/// <summary>One line of a search's history.</summary>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="At">When.</param>
/// <param name="Type">queued, started, paused, resumed, step, cancelling, cancelled, succeeded or failed.</param>
/// <param name="Data">An object, by type.</param>
public sealed record EventResponse(long Number, DateTimeOffset At, string Type, JsonElement Data)
{
    public static EventResponse Of(EventRow row) => new(
        row.Number, DateTimeOffset.FromUnixTimeMilliseconds(row.At), row.Type, JsonElement.Parse(row.Data));
}
