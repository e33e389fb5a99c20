using Bet.Api.Problems;
using Bet.Engine.Backbones;
using Bet.Engine.Data;
using Bet.Engine.GivenTables;
using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Searches;

/// <summary>A request for a recommender's table, resolved.</summary>
internal static class RecommenderRequest
{
    /// <param name="request">What is asked for.</param>
    /// <param name="backbone">The model.</param>
    /// <param name="dataset">Holds interactions.</param>
    /// <param name="store">Has the tables that may be given.</param>
    /// <exception cref="RequestException">A field makes no sense.</exception>
    /// <exception cref="OptionException">A field makes no sense.</exception>
    /// <exception cref="BudgetException">A budget cannot be met.</exception>
    public static ResolvedSearch Resolve(SearchRequest request, string backbone, DatasetRow dataset, SearchStore store)
    {
        CheckUse(request, backbone);
        var summary = SearchJson.Read<DatasetSummary>(dataset.Summary);
        var table = request.Table is null ? null : TableOf(request.Table, dataset.Id, store);
        var options = OptionsOf(request, backbone, SplitOf(request.Split, summary), table) with { Budgets = request.Budgets };
        return ResolvedSearch.Of(options, CurveBudgets.From(options, summary.Users, summary.Items), table?.Id);
    }

    /// <summary>What the backbone or its loss would not look at is refused: who gives it expects something of it.</summary>
    private static void CheckUse(SearchRequest request, string backbone)
    {
        var defaults = BackboneRegistry.DefaultsOf(backbone);
        string loss = request.Loss ?? defaults.Loss.Name;
        string NamesOf(Func<BackboneDefaults, bool> has) =>
            string.Join(" and ", BackboneRegistry.Names.Where(name => has(BackboneRegistry.DefaultsOf(name))));
        string ofGraphs = $"it is for {NamesOf(other => other.Propagates)}, and the backbone is {backbone}";
        string ofDropout = $"it is for {NamesOf(other => other.Drops)}, and the backbone is {backbone}";
        string ofSoftmax = $"it is of the loss softmax, and the loss is {loss}";
        foreach (var (field, given, isUsed, reason) in new (string, object?, bool, string)[]
        {
            ("layers", request.Layers, defaults.Propagates, ofGraphs),
            ("messageDropout", request.MessageDropout, defaults.Drops, ofDropout),
            ("nodeDropout", request.NodeDropout, defaults.Drops, ofDropout),
            ("negatives", request.Negatives, loss != LossOptions.Bpr.Name, ofSoftmax),
            ("temperature", request.Temperature, loss != LossOptions.Bpr.Name, ofSoftmax),
        })
        {
            if (given is not null && !isUsed)
                throw Wrong(field, given, FormattableString.Invariant($"{given} was given; {reason}: leave it out"));
        }
    }

    private static SearchOptions OptionsOf(SearchRequest request, string backbone, SplitOptions split, FullTableRow? table)
    {
        var (budget, effort, seed) = (request.Budget ?? request.Budgets![0], request.Effort ?? Effort.Standard, request.Seed ?? 1);
        return table is null
            ? SearchPresets.Create(backbone, budget, effort, seed, split, request)
            : GivenTableOptions.Create(
                backbone, budget, effort, seed, split, request,
                SearchJson.Read<GivenTableSummary>(table.Summary).Size, table.Blob);
    }

    /// <summary>By its id, or by a name that no other of the data set's tables has.</summary>
    private static FullTableRow TableOf(string given, string dataset, SearchStore store)
    {
        if (store.FindTable(given) is { } found)
            return found.Dataset == dataset
                ? found
                : throw Wrong("table", given, $"table '{given}' is of data set '{found.Dataset}', the search of '{dataset}'");
        var named = store.ListTables(dataset, given, 2, null);
        return named.Count switch
        {
            1 => named[0],
            0 => throw Wrong("table", given, $"no table of data set '{dataset}' has the id or the name '{given}'; GET /v1/tables?dataset={dataset} lists those there are, POST /v1/tables adds one"),
            _ => throw Wrong("table", given, $"several tables of data set '{dataset}' have the name '{given}'; give one's id, GET /v1/tables?dataset={dataset}&name=... lists them"),
        };
    }

    /// <param name="request">What was given; null: nothing.</param>
    /// <param name="data">What is divided.</param>
    /// <param name="prefix">Of the fields' names.</param>
    /// <exception cref="RequestException">A field makes no sense.</exception>
    internal static SplitOptions SplitOf(SplitRequest? request, DatasetSummary data, string prefix = "split.")
    {
        var kind = request?.Kind switch
        {
            null => data.HasTestPart ? SplitKind.AsGiven : SplitKind.Random,
            SplitRule.AsGiven => SplitKind.AsGiven,
            SplitRule.Random => SplitKind.Random,
            SplitRule.ByTime => SplitKind.ByTime,
            SplitRule.LeaveOneOut => SplitKind.LeaveOneOut,
            _ => throw Wrong(prefix + "kind", "byOrder", "it is of click data; of interactions there are asGiven, random, byTime and leaveOneOut"),
        };
        if (request?.MinimumCount is { } count)
            throw Wrong(prefix + "minimumCount", count, "it is of click data; leave it out");
        if (kind == SplitKind.AsGiven && !data.HasTestPart)
            throw Wrong(prefix + "kind", "asGiven", "this data set came in one part; use random, or upload parts named train and test");
        if (kind == SplitKind.ByTime && !data.HasTimestamps)
            throw Wrong(prefix + "kind", "byTime", "this data set has no timestamps; use random, or upload it with a timestampColumn");
        var split = new SplitOptions(kind, request?.Train, request?.Validation);
        SplitRequest.CheckShares(request, split.Train, split.Validation, prefix);
        return split;
    }

    private static RequestException Wrong(string field, object given, string message) =>
        RequestException.Invalid(new FieldError(field, given, message));
}
