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
}

/// <summary>Stopping a search, letting it rest, and letting it go first. From any process; its workers notice within a second.</summary>
internal static class SearchControl
{
    private const int HighestPriority = 100;

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
        group.MapPatch("/{id}", Patch)
            .WithSummary("Change a search's priority")
            .Accepts<SearchChange>("application/json")
            .ProducesProblems(400, 404, 413);
    }

    /// <summary>Null where the priority is one.</summary>
    public static FieldError? IsWrong(int priority) => priority is >= -HighestPriority and <= HighestPriority
        ? null
        : new FieldError("priority", priority, $"{-HighestPriority} to {HighestPriority}; searches with a higher one are worked on first");

    private static Accepted<SearchResponse> Cancel(string id, SearchStore store, WorkSignal signal) =>
        Answer(id, store.RequestCancel(id), signal);

    private static Accepted<SearchResponse> Pause(string id, SearchStore store, WorkSignal signal) =>
        Answer(id, store.RequestPause(id), signal);

    private static Accepted<SearchResponse> Resume(string id, SearchStore store, WorkSignal signal) =>
        Answer(id, store.RequestResume(id), signal);

    private static async Task<Accepted<SearchResponse>> Patch(
        string id, HttpRequest request, SearchStore store, WorkSignal signal, CancellationToken cancel)
    {
        var (change, _) = await RequestReader.Read<SearchChange>(request, cancel);
        if (change.Priority is not { } priority)
            throw RequestException.Invalid(new FieldError("priority", null, "give what is to be changed, {\"priority\": 10}"));
        if (IsWrong(priority) is { } wrong)
            throw RequestException.Invalid(wrong);
        return Answer(id, store.SetPriority(id, priority), signal);
    }

    private static Accepted<SearchResponse> Answer(string id, SearchRow? row, WorkSignal signal)
    {
        if (row is null)
            throw RequestException.Unknown("search", id);
        signal.Give();
        return TypedResults.Accepted($"/v1/searches/{id}", SearchResponse.Of(row));
    }
}
