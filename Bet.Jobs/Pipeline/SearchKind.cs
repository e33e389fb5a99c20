using System.Text.Json;
using Bet.Engine.Clicks;
using Bet.Engine.ClickSearches;
using Bet.Engine.Compute;
using Bet.Engine.Search;
using Bet.Jobs.Storage;

namespace Bet.Jobs.Pipeline;

/// <summary>
/// All that the pipeline knows of what a search is over. A new kind is a class of its own and a line in <see cref="Of"/>.
/// </summary>
public abstract class SearchKind
{
    private protected SearchKind(IStepOptions options) => Options = options;

    /// <summary>What decides the search's result.</summary>
    public IStepOptions Options { get; }

    public SearchPlan Plan => field ??= new SearchPlan(Options);

    /// <summary>The kind that a search's options are of, by their backbone.</summary>
    /// <param name="options">See <see cref="SearchRow.Options"/>.</param>
    public static SearchKind Of(string options) => ClickModelRegistry.Names.Contains(SearchJson.Read<BackboneName>(options).Backbone)
        ? new ClickKind(SearchJson.Read<ClickSearchOptions>(options))
        : new RecommenderKind(SearchJson.Read<SearchOptions>(options));

    /// <summary>A search's bounds as its row has them.</summary>
    /// <param name="options">What decides its result.</param>
    /// <param name="budgets">One unless it is a curve; none where it has none.</param>
    /// <returns>See <see cref="SearchRow.Budget"/>.</returns>
    public static string BudgetOf<TBudget>(IStepOptions options, IReadOnlyList<TBudget> budgets)
        where TBudget : class, IBudgetBound =>
        options.Budgets is null ? SearchJson.Write(budgets.SingleOrDefault()) : SearchJson.Write(budgets);

    /// <summary>Makes ready to run the steps of a search.</summary>
    /// <param name="store">Has the data.</param>
    /// <param name="row">The search's.</param>
    /// <param name="backend">Where it is computed; owned by the caller.</param>
    /// <param name="files">What the steps read and write.</param>
    /// <param name="checkpointInterval">How much of a long training may be lost at most.</param>
    internal abstract OpenSearch Open(
        SearchStore store, SearchRow row, Backend backend, IStepStore files, TimeSpan checkpointInterval);

    /// <summary>The content of the search's data set, as its format reads it.</summary>
    private protected static T ReadDataset<T>(SearchStore store, string id, Func<Stream, T> read)
    {
        var row = store.FindDataset(id) ?? throw new IOException($"data set {id} is gone");
        using var stream = store.Blobs.OpenRead(row.Blob) ?? throw new IOException($"the content of data set {id} is gone");
        return read(stream);
    }

    private sealed record BackboneName(string Backbone);
}

/// <summary>A search whose steps can be run, and what its client may see of them.</summary>
/// <param name="engine">Runs the steps; owned.</param>
internal abstract class OpenSearch(ISearchEngine engine) : IDisposable
{
    public ISearchEngine Engine => engine;

    /// <summary>What Prepare has made of <see cref="SearchRow.Budget"/>; null where that stays as it was when the search was created.</summary>
    public virtual string? Budget() => null;

    /// <summary>A trial that is done.</summary>
    public abstract TrialSummary TrialOf(SearchStep step);

    /// <summary>The curve through the points that are done as JSON; null where there is none.</summary>
    public virtual string? Curve() => null;

    /// <summary>What the search has come to, once its artifacts are written.</summary>
    public abstract SearchEnd End();

    public void Dispose() => engine.Dispose();
}
