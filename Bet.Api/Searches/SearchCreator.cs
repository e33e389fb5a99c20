using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Bet.Api.Datasets;
using Bet.Api.Problems;
using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Bet.Jobs.Work;

namespace Bet.Api.Searches;

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
        if (request.Budget is null && request.Budgets is null && request.Collisions is null)
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
        string backbone = RequestKind.BackboneOf(request, dataset);
        try
        {
            return dataset.Kind == DataContent.Clicks
                ? ClickRequest.Resolve(request, backbone, dataset)
                : RecommenderRequest.Resolve(request, backbone, dataset, store);
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
        var resolved = Resolve(request);
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var row = new SearchRow
        {
            Id = $"s{Guid.CreateVersion7():N}",
            Dataset = request.Dataset!,
            Label = request.Label,
            FullTable = resolved.Table,
            Options = resolved.Options,
            Budget = resolved.Budget,
            StepCount = SearchKind.Of(resolved.Options).Options.Steps().Count,
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

    /// <summary>Whether a search may name it as its queue.</summary>
    public static bool IsQueueName(string queue) =>
        queue.Length is >= 1 and <= 64 && queue.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

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
