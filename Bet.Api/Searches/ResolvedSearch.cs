using Bet.Engine.ClickSearches;
using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Searches;

/// <summary>A search with everything resolved, as its row has it.</summary>
/// <param name="Options">See <see cref="SearchRow.Options"/>.</param>
/// <param name="Budget">See <see cref="SearchRow.Budget"/>.</param>
/// <param name="Table">The id of the table that it begins with; null where the full table is trained.</param>
public sealed record ResolvedSearch(string Options, string Budget, string? Table)
{
    /// <param name="options">What decides its result.</param>
    /// <param name="budgets">Its bounds, one unless it is a curve; none where it has none.</param>
    /// <param name="table">See <see cref="Table"/>.</param>
    public static ResolvedSearch Of<TOptions, TBudget>(TOptions options, IReadOnlyList<TBudget> budgets, string? table = null)
        where TOptions : IStepOptions
        where TBudget : class, IBudgetBound => new(
        SearchJson.Write(options), SearchKind.BudgetOf(options, budgets), table);
}

/// <summary>What a search was asked to do, defaults included, as its client sees it.</summary>
/// <param name="Budget">The budget, resolved; null for a curve, and for click data without one.</param>
/// <param name="Budgets">A curve's budgets, resolved; null under one budget.</param>
/// <param name="Options">Of a recommender.</param>
/// <param name="ClickOptions">Of click data.</param>
internal sealed record SearchTerms(
    BudgetResponse? Budget, IReadOnlyList<BudgetResponse>? Budgets, SearchOptions? Options, ClickSearchOptions? ClickOptions)
{
    /// <param name="options">See <see cref="SearchRow.Options"/>.</param>
    /// <param name="budget">See <see cref="SearchRow.Budget"/>.</param>
    public static SearchTerms Of(string options, string budget) => SearchKind.Of(options).Options switch
    {
        ClickSearchOptions { Budget: null } clicks => new(null, null, null, clicks),
        ClickSearchOptions { Budgets: not null } clicks => new(null, [.. SearchJson.Read<List<FieldBudget>>(budget).Select(BudgetResponse.Of)], null, clicks),
        ClickSearchOptions clicks => new(BudgetResponse.Of(SearchJson.Read<FieldBudget>(budget)), null, null, clicks),
        SearchOptions { Budgets: not null } curve =>
            new(null, [.. SearchJson.Read<List<MemoryBudget>>(budget).Select(BudgetResponse.Of)], curve, null),
        var one => new(BudgetResponse.Of(SearchJson.Read<MemoryBudget>(budget)), null, (SearchOptions)one, null),
    };
}
