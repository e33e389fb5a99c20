using Bet.Api.Operations;
using Bet.Api.Problems;
using Bet.Jobs.Storage;
using Bet.Jobs.Work;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bet.Api.Searches;

/// <summary>What may be changed of a search that is there.</summary>
public sealed record SearchChange
{
    /// <summary>Searches with a higher one are worked on first; -100 to 100.</summary>
    /// <example>10</example>
    public int? Priority { get; init; }

    /// <summary>Seconds from now by which a worker must have begun the search.</summary>
    public int? QueueDeadline { get; init; }

    /// <summary>Seconds from its begin after which the search is stopped with the best table so far.</summary>
    public int? RunDeadline { get; init; }

    /// <summary>Seconds without anybody asking for it after which the search is cancelled; 10 or more.</summary>
    public int? KeepAlive { get; init; }
}

/// <summary>Stopping a search, letting it rest, and letting it go first. From any process; its workers notice within a second.</summary>
internal static class SearchControl
{
    private const int HighestPriority = 100;

    /// <summary>Clients poll every few seconds, and deadlines are looked at every five.</summary>
    private const int LeastKeepAlive = 10;

    public static void MapSearchControl(this RouteGroupBuilder group)
    {
        group.MapPost("/{id}/cancel", Cancel)
            .WithSummary("Stop a search and keep the best table so far")
            .ProducesProblems(404);
        group.MapPost("/{id}/pause", Pause)
            .WithSummary("Let a search rest until it is resumed")
            .WithDescription("Its workers store where they are. A search that has ended stays as it is.")
            .ProducesProblems(404);
        group.MapPost("/{id}/resume", Resume)
            .WithSummary("Go on with a search that was paused or has failed")
            .WithDescription("What was done is kept. Any other search stays as it is.")
            .ProducesProblems(404);
        group.MapDelete("/{id}", Delete)
            .WithSummary("Delete a search that has ended, with its files")
            .ProducesProblems(404, 409);
        group.MapPatch("/{id}", Patch)
            .WithSummary("Change a search's priority and deadlines")
            .Accepts<SearchChange>("application/json")
            .ProducesProblems(400, 404, 413, 415);
    }

    /// <summary>What is wrong with these numbers; null stands for one that was not given.</summary>
    public static IEnumerable<FieldError> Wrong(int? priority, int? queueDeadline, int? runDeadline, int? keepAlive)
    {
        if (priority is < -HighestPriority or > HighestPriority)
            yield return new FieldError("priority", priority, $"{-HighestPriority} to {HighestPriority}; searches with a higher one are worked on first");
        if (queueDeadline is < 1)
            yield return new FieldError("queueDeadline", queueDeadline, "a number of seconds of at least 1");
        if (runDeadline is < 1)
            yield return new FieldError("runDeadline", runDeadline, "a number of seconds of at least 1");
        if (keepAlive is < LeastKeepAlive)
            yield return new FieldError("keepAlive", keepAlive, $"a number of seconds of at least {LeastKeepAlive}");
    }

    private static Accepted<SearchResponse> Cancel(string id, SearchStore store, WorkSignal signal) =>
        Answer(id, store.RequestCancel(id), store, signal);

    private static Accepted<SearchResponse> Pause(string id, SearchStore store, WorkSignal signal) =>
        Answer(id, store.RequestPause(id), store, signal);

    private static Accepted<SearchResponse> Resume(string id, SearchStore store, WorkSignal signal) =>
        Answer(id, store.RequestResume(id), store, signal);

    private static NoContent Delete(string id, SearchStore store) => store.DeleteSearch(id) switch
    {
        SearchDeletion.Deleted => TypedResults.NoContent(),
        SearchDeletion.Unknown => throw RequestException.Unknown("search", id),
        _ => throw new RequestException(
            StatusCodes.Status409Conflict, "unfinished", "The search has not ended", $"cancel it first: POST /v1/searches/{id}/cancel"),
    };

    private static async Task<Accepted<SearchResponse>> Patch(
        string id, HttpRequest request, SearchStore store, WorkSignal signal, CancellationToken cancel)
    {
        var (change, _) = await RequestReader.Read<SearchChange>(request, cancel);
        if (change == new SearchChange())
            throw RequestException.Invalid(new FieldError("", null, "give what is to be changed, {\"priority\": 10}"));
        FieldError[] wrong = [.. Wrong(change.Priority, change.QueueDeadline, change.RunDeadline, change.KeepAlive)];
        if (wrong.Length > 0)
            throw RequestException.Invalid(wrong);
        if (change.Priority is { } priority)
            store.SetPriority(id, priority);
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        return Answer(
            id,
            store.SetDeadlines(id, new(now + (change.QueueDeadline * 1000L), change.RunDeadline * 1000L, change.KeepAlive * 1000L)),
            store,
            signal);
    }

    private static Accepted<SearchResponse> Answer(string id, SearchRow? row, SearchStore store, WorkSignal signal)
    {
        if (row is null)
            throw RequestException.Unknown("search", id);
        signal.Give();
        return TypedResults.Accepted($"/v1/searches/{id}", SearchResponse.Of(SearchView.Of(row, store)));
    }
}
