using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Searches;

/// <summary>A search in a list: what tells it from others, and how far it is. GET on self answers with all there is.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Dataset">The data set's id.</param>
/// <param name="Label">The client's label.</param>
/// <param name="State">queued, running, paused, succeeded, failed, cancelling or cancelled.</param>
/// <param name="Priority">Searches with a higher one are worked on first.</param>
/// <param name="Queue">Only workers that serve it work on the search.</param>
/// <param name="Backbone">The model.</param>
/// <param name="Method">How tables are come by.</param>
/// <param name="Budget">As it was asked for; null for a curve, and where collisions were given instead.</param>
/// <param name="Budgets">A curve's budgets, as they were asked for; null under one budget.</param>
/// <param name="Progress">How far it is.</param>
/// <param name="Best">The best trial so far.</param>
/// <param name="SecondsLeft">An estimate from the steps measured so far; null until there is something to go by.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="StartedAt">When a worker first had it.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Self">Where the whole of it is.</param>
public sealed record SearchSummary(
    string Id, string Dataset, string? Label, SearchState State, int Priority, string Queue, string Backbone, string Method,
    BudgetRequest? Budget, IReadOnlyList<BudgetRequest>? Budgets, SearchProgressResponse Progress, BestTrial? Best, double? SecondsLeft,
    SearchError? Error, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, string Self)
{
    public static SearchSummary Of(SearchRow row)
    {
        var terms = SearchJson.Read<Terms>(row.Options);
        return new SearchSummary(
            row.Id, row.Dataset, row.Label, row.State, row.Priority, row.Queue, terms.Backbone, terms.Method,
            terms.Budgets is null ? terms.Budget : null, terms.Budgets, SearchProgressResponse.Of(row), SearchResponse.BestOf(row),
            SearchResponse.SecondsLeftOf(row), SearchError.Of(row), SearchResponse.Time(row.CreatedAt)!.Value, SearchResponse.Time(row.StartedAt),
            SearchResponse.Time(row.FinishedAt), SearchResponse.SelfOf(row));
    }

    /// <summary>What a summary says of the options.</summary>
    private sealed record Terms(string Backbone, string Method, BudgetRequest? Budget, IReadOnlyList<BudgetRequest>? Budgets);
}
