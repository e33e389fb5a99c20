using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Bet.Api.Operations;

/// <summary>Whether the server can do its work.</summary>
/// <param name="Ready">The database answers and there is room.</param>
/// <param name="Database">The tables answer.</param>
/// <param name="Workers">How many processes work on searches, this one or others; not needed to accept them.</param>
/// <param name="Disk">There is room to write.</param>
/// <param name="FreeBytes">Room on the disk of the data folder.</param>
public sealed record Readiness(bool Ready, bool Database, int Workers, bool Disk, long FreeBytes);

/// <summary>What is kept, and what is not for much longer. The sweep runs every hour.</summary>
/// <param name="KeepDays">How long searches that have ended are kept; null for ever.</param>
/// <param name="Searches">The ids of those that the next sweep would delete.</param>
/// <param name="Bytes">Of their files.</param>
/// <param name="OrphanedBlobs">Blobs that no row names, which the next sweep would delete too.</param>
public sealed record RetentionResponse(double? KeepDays, IReadOnlyList<string> Searches, long Bytes, int OrphanedBlobs);

public static class OperationEndpoints
{
    private const long LeastFreeBytes = 64 << 20;

    public static void MapOperations(this IEndpointRouteBuilder app)
    {
        app.MapGetAndHead("/", StartPage).ExcludeFromDescription();
        app.MapGetAndHead("/health/live", () => TypedResults.Text("alive")).WithTags("Operations").WithSummary("The process answers")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");
        app.MapGetAndHead("/health/ready", Ready).WithTags("Operations").WithSummary("Searches can be accepted")
            .Produces<Readiness>(StatusCodes.Status503ServiceUnavailable);
        app.MapGet("/v1/workers", (SearchStore store) => TypedResults.Ok(WorkerResponse.All(store)))
            .WithTags("Operations").WithSummary("Who works on searches, and on what");
        app.MapGet("/v1/retention", Retention)
            .WithTags("Operations").WithSummary("How long searches are kept, and what the next sweep would delete");
        app.MapGetAndHead("/metrics", (Metrics metrics) => TypedResults.Text(metrics.Write(), "text/plain; version=0.0.4"))
            .WithTags("Operations").WithSummary("Counters in Prometheus' text format")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");
    }

    private static Results<Ok<Readiness>, JsonHttpResult<Readiness>> Ready(
        SearchStore store, DataFolder folder, ILogger<Readiness> logger)
    {
        bool database = Answers(store, logger);
        int workers = database ? store.ListWorkers().Count : 0;
        long free = folder.FreeBytes;
        bool disk = free >= LeastFreeBytes;
        var readiness = new Readiness(database && disk, database, workers, disk, free);
        return readiness.Ready
            ? TypedResults.Ok(readiness)
            : TypedResults.Json(readiness, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static Ok<RetentionResponse> Retention(SearchStore store, WorkerOptions options)
    {
        var disposable = store.FindDisposable(options.Keep);
        return TypedResults.Ok(new RetentionResponse(options.Keep?.TotalDays, disposable.Searches, disposable.Bytes, disposable.Orphans));
    }

    private static bool Answers(SearchStore store, ILogger logger)
    {
        try
        {
            return store.Ping();
        }
        catch (System.Data.Common.DbException e)
        {
            logger.LogError(e, "The database does not answer");
            return false;
        }
    }

    private static FileStreamHttpResult StartPage() => TypedResults.Stream(
        typeof(OperationEndpoints).Assembly.GetManifestResourceStream("index.html")!, "text/html; charset=utf-8");
}
