using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Bet.Api.Datasets;
using Bet.Api.Problems;
using Bet.Engine.Data;
using Bet.Engine.GivenTables;
using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Bet.Jobs.Work;

namespace Bet.Api.Searches;

/// <summary>A search with everything resolved.</summary>
/// <param name="Options">What decides its result.</param>
/// <param name="Budgets">Its bounds, one unless it is a curve.</param>
/// <param name="Table">The id of the table that it begins with; null where the full table is trained.</param>
public sealed record ResolvedSearch(SearchOptions Options, IReadOnlyList<MemoryBudget> Budgets, string? Table);

/// <summary>Checks a request for a search against its data set, and queues it once.</summary>
public sealed class SearchCreator(SearchStore store, WorkSignal signal)
{
    private const int LongestLabel = 200;
    private const int LongestKey = 255;

    /// <summary>Keys of requests that are being answered now. One that dies with its process was never answered.</summary>
    private readonly ConcurrentDictionary<string, bool> inFlight = new();

    /// <summary>The search that a request asks for; nothing is stored.</summary>
    /// <exception cref="RequestException">Names each field that is wrong.</exception>
    public ResolvedSearch Resolve(SearchRequest request)
    {
        var missing = new List<FieldError>();
        if (string.IsNullOrEmpty(request.Dataset))
            missing.Add(DatasetReference.Missing);
        if (request.Budget is null && request.Budgets is null)
            missing.Add(new FieldError("budget", null, "give one of sparsity, parameters and bytes, such as {\"sparsity\": 0.9}, or several as budgets"));
        if (request.Budget is not null && request.Budgets is not null)
            missing.Add(new FieldError("budget", null, "budget and budgets were given; give budget for one table, or budgets for a curve"));
        if (request.Budgets is { Count: 0 })
            missing.Add(new FieldError("budgets", null, $"an empty list was given; a curve has {CurveBudgets.Fewest} to {CurveBudgets.Most} points"));
        if (request.Label?.Length > LongestLabel)
            missing.Add(new FieldError("label", null, $"a label has at most {LongestLabel} characters"));
        missing.AddRange(SearchControl.Wrong(request.Priority, request.QueueDeadline, request.RunDeadline, request.KeepAlive));
        if (request.Queue is { } queue && !IsQueueName(queue))
            missing.Add(new FieldError("queue", queue, "a queue's name has 1 to 64 letters, digits, dots, hyphens or underscores, such as default"));
        if (request.FineTune is not null && request.Table is null)
            missing.Add(new FieldError("fineTune", request.FineTune, "it goes with a table that is given; give its id as table, or leave fineTune out"));
        if (missing.Count > 0)
            throw RequestException.Invalid([.. missing]);
        var dataset = DatasetReference.Find(store, request.Dataset!);
        var summary = SearchJson.Read<DatasetSummary>(dataset.Summary);
        try
        {
            var table = request.Table is null ? null : TableOf(request.Table, dataset.Id);
            var options = OptionsOf(request, SplitOf(request.Split, summary), table) with { Budgets = request.Budgets };
            return new ResolvedSearch(options, CurveBudgets.From(options, summary.Users, summary.Items), table?.Id);
        }
        catch (OptionException e)
        {
            throw RequestException.Invalid(new FieldError(e.Field, GivenOf(request, e.Field), e.Message));
        }
        catch (BudgetException e)
        {
            throw RequestException.Invalid(new FieldError(e.Field, GivenOf(request, e.Field), e.Message));
        }
    }

    /// <summary>Queues the search; a key that was used for the same body answers the search it made.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="body">As it was sent.</param>
    /// <param name="key">The client's idempotency key; null without one.</param>
    /// <param name="owner">See <see cref="SearchRow.Owner"/>.</param>
    public SearchRow Create(SearchRequest request, byte[] body, string? key, string? owner)
    {
        if (key is null)
            return Add(request, null, owner);
        if (key.Length is 0 or > LongestKey)
            throw RequestException.Invalid(new FieldError("Idempotency-Key", null, $"a key has 1 to {LongestKey} characters"));
        if (!inFlight.TryAdd(key, true))
            throw new RequestException(
                StatusCodes.Status409Conflict, "idempotency-key-in-flight", "The first request is not answered yet",
                "a request with this Idempotency-Key is being answered; wait and send it again");
        try
        {
            string fingerprint = Convert.ToHexStringLower(SHA256.HashData(body));
            // Looked up before the request is checked: a replay is answered even if its data set has gone since.
            if (store.FindKey(key) is { } used)
                return used.Fingerprint == fingerprint ? store.FindSearch(used.Search)! : throw KeyReused();
            return Add(request, new IdempotencyKey(key, fingerprint), owner);
        }
        finally
        {
            inFlight.TryRemove(key, out _);
        }
    }

    private static RequestException KeyReused() => new(
        StatusCodes.Status422UnprocessableEntity, "idempotency-key-reused", "The key was used for another request",
        "this Idempotency-Key came with a different body before; give each new request a key of its own");

    private SearchRow Add(SearchRequest request, IdempotencyKey? key, string? owner)
    {
        var (options, budgets, table) = Resolve(request);
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var row = new SearchRow
        {
            Id = $"s{Guid.CreateVersion7():N}",
            Dataset = request.Dataset!,
            Label = request.Label,
            FullTable = table,
            Options = SearchJson.Write(options),
            Budget = options.Budgets is null ? SearchJson.Write(budgets[0]) : SearchJson.Write(budgets),
            StepCount = options.Steps().Count,
            CreatedAt = now,
            Priority = request.Priority ?? 0,
            Queue = request.Queue ?? SearchRow.DefaultQueue,
            Owner = owner,
            BeginBy = now + (request.QueueDeadline * 1000L),
            LongestRun = request.RunDeadline * 1000L,
            KeepAlive = request.KeepAlive * 1000L,
        };
        var (outcome, id) = store.AddSearch(row, key);
        if (outcome == SearchCreation.KeyReused)
            throw KeyReused();
        if (outcome == SearchCreation.DatasetGone)
            throw RequestException.Invalid(new FieldError("dataset", request.Dataset, "the data set has just been deleted"));
        if (outcome == SearchCreation.TableGone)
            throw RequestException.Invalid(new FieldError("table", request.Table, "the table has just been deleted"));
        if (outcome == SearchCreation.Created)
            signal.Give();
        return store.FindSearch(id)!;
    }

    private static bool IsQueueName(string queue) =>
        queue.Length is >= 1 and <= 64 && queue.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private static SearchOptions OptionsOf(SearchRequest request, SplitOptions split, FullTableRow? table)
    {
        string backbone = request.Backbone ?? "lightgcn";
        var (budget, effort, seed) = (request.Budget ?? request.Budgets![0], request.Effort ?? Effort.Standard, request.Seed ?? 1);
        return table is null
            ? SearchPresets.Create(backbone, budget, effort, seed, split, request)
            : GivenTableOptions.Create(
                backbone, budget, effort, seed, split, request,
                SearchJson.Read<GivenTableSummary>(table.Summary).Size, table.Blob);
    }

    /// <summary>By its id, or by a name that no other of the data set's tables has.</summary>
    private FullTableRow TableOf(string given, string dataset)
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

    private static SplitOptions SplitOf(SplitRequest? request, DatasetSummary data)
    {
        var kind = request?.Kind ?? (data.HasTestPart ? SplitKind.AsGiven : SplitKind.Random);
        if (kind == SplitKind.AsGiven && !data.HasTestPart)
            throw Wrong("split.kind", "asGiven", "this data set came in one part; use random, or upload parts named train and test");
        if (kind == SplitKind.ByTime && !data.HasTimestamps)
            throw Wrong("split.kind", "byTime", "this data set has no timestamps; use random, or upload it with a timestampColumn");
        double train = request?.Train ?? 0.5;
        double validation = request?.Validation ?? (kind == SplitKind.AsGiven ? 0.1 : 0.25);
        if (!(train is > 0 and < 1))
            throw Wrong("split.train", train, "a share above 0 and below 1");
        if (!(validation is > 0 and < 1))
            throw Wrong("split.validation", validation, "a share above 0 and below 1");
        if (kind is SplitKind.Random or SplitKind.ByTime && train + validation >= 1)
            throw Wrong("split", $"train {train}, validation {validation}", "together they must stay below 1: the rest is the test part");
        return new SplitOptions(kind, train, validation);
    }

    private static RequestException Wrong(string field, object given, string message) =>
        RequestException.Invalid(new FieldError(field, given, message));

    /// <summary>What the request has under a field's path, "budget.sparsity" or "budgets[2].sparsity".</summary>
    private static object? GivenOf(SearchRequest request, string field)
    {
        object? value = request;
        foreach (string name in field.Split('.', '[').Select(part => part.TrimEnd(']')))
        {
            value = value is IReadOnlyList<BudgetRequest> list && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                ? list[index]
                : value?.GetType().GetProperties()
                    .FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.GetValue(value);
        }

        return value;
    }
}
