using System.ComponentModel.DataAnnotations;
using Bet.Api.Operations;
using Bet.Api.Problems;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bet.Api.Searches;

public static class SearchEndpoints
{
    private const int PollSeconds = 2;
    private const int MostEvents = 1000;

    public static void MapSearches(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/v1/searches").WithTags("Searches");
        group.MapPost("/", Create)
            .WithSummary("Start a search")
            .WithDescription("With an Idempotency-Key header, sending the request again answers the search it made at first.")
            .Accepts<SearchRequest>("application/json")
            .ProducesProblems(400, 409, 413, 415, 422);
        group.MapGet("/", List).WithSummary("List searches, newest first").ProducesProblems(400);
        group.MapGet("/{id}", Get)
            .WithSummary("Show a search")
            .WithDescription("If-None-Match with the last ETag answers 304 while nothing changed; Prefer: wait=30 waits for a change.")
            .Produces<SearchResponse>()
            .Produces(StatusCodes.Status304NotModified)
            .ProducesProblems(404);
        group.MapSearchControl();
        group.MapGet("/{id}/trials", Trials).WithSummary("The trials that have ended").ProducesProblems(404);
        group.MapGet("/{id}/events", Events)
            .WithSummary("The history; as Server-Sent Events where text/event-stream is accepted")
            .Produces<IReadOnlyList<EventResponse>>()
            .ProducesProblems(400, 404);
    }

    private static async Task<Results<Accepted<SearchResponse>, Ok<SearchPlan>>> Create(
        HttpRequest request, HttpResponse response, SearchCreator creator, SearchStore store, CancellationToken cancel)
    {
        var (asked, body) = await RequestReader.Read<SearchRequest>(request, cancel);
        if (asked.ValidateOnly == true)
            return TypedResults.Ok(SearchPlan.Of(creator.Resolve(asked), SearchView.WorkersOf(asked.Queue ?? SearchRow.DefaultQueue, store)));

        string? key = request.Headers.TryGetValue("Idempotency-Key", out var keys) ? keys.ToString() : null;
        var row = creator.Create(asked, body, key, ApiKeys.OwnerOf(request.HttpContext));
        response.Headers.RetryAfter = $"{PollSeconds}";
        return TypedResults.Accepted($"/v1/searches/{row.Id}", SearchResponse.Of(SearchView.Of(row, store)));
    }

    /// <param name="state">Only searches in this state.</param>
    /// <param name="dataset">Only searches over the data set of this id.</param>
    /// <param name="label">Only searches with this label.</param>
    /// <param name="limit">The most entries of a page.</param>
    /// <param name="cursor">The next of the page before, as it was answered; left out: the first page.</param>
    private static Ok<Page<SearchSummary>> List(
        SearchStore store, Word<SearchState>? state = null, string? dataset = null, string? label = null,
        [Range(1, Paging.LargestLimit)] int limit = Paging.DefaultLimit, string? cursor = null)
    {
        var rows = store.ListSearches(state?.Value, dataset, label, limit + 1, Paging.Cursor(cursor));
        return TypedResults.Ok(Paging.Of(rows, limit, SearchSummary.Of, row => new ListCursor(row.CreatedAt, row.Id)));
    }

    private static async Task<IResult> Get(string id, HttpContext context, SearchStore store)
    {
        var search = await ConditionalSearch.Follow(context, store, id) ?? throw RequestException.Unknown("search", id);
        context.Response.GetTypedHeaders().ETag = search.Tag;
        context.Response.Headers.CacheControl = "no-cache";
        if (!search.Row.IsFinished)
            context.Response.Headers.RetryAfter = $"{PollSeconds}";
        return ConditionalSearch.IsKnown(context.Request, search)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(SearchResponse.Of(search));
    }

    private static Ok<List<TrialSummary>> Trials(string id, SearchStore store)
    {
        Require(store, id);
        return TypedResults.Ok(store.ListTrials(id).Select(SearchJson.Read<TrialSummary>).ToList());
    }

    /// <param name="after">Only events behind this number.</param>
    /// <param name="limit">The most events of an answer in JSON.</param>
    private static IResult Events(
        string id, HttpRequest request, SearchStore store, long after = 0, [Range(1, MostEvents)] int limit = 100)
    {
        Require(store, id);
        if (request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase))
            return new EventStream(store, id, after);
        return TypedResults.Ok<IReadOnlyList<EventResponse>>(store.ListEvents(id, after, limit).Select(EventResponse.Of).ToList());
    }

    private static void Require(SearchStore store, string id) =>
        store.Ask(store.FindSearch(id) ?? throw RequestException.Unknown("search", id));
}
