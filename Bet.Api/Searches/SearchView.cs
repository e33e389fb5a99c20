using System.Globalization;
using Bet.Jobs.Storage;
using Microsoft.Net.Http.Headers;

namespace Bet.Api.Searches;

/// <summary>A search as it is answered.</summary>
/// <param name="Row">It.</param>
/// <param name="QueueWorkers">See <see cref="SearchResponse.QueueWorkers"/>.</param>
public sealed record SearchView(SearchRow Row, int? QueueWorkers)
{
    public static SearchView Of(SearchRow row, SearchStore store) =>
        new(row, row.State == SearchState.Queued ? WorkersOf(row.Queue, store) : null);

    /// <summary>How many processes that work on searches serve a queue.</summary>
    public static int WorkersOf(string queue, SearchStore store) =>
        store.ListWorkers().Count(worker => worker.Queues.Split(',').Contains(queue));

    /// <summary>Changes with the answer.</summary>
    public EntityTagHeaderValue Tag => new(QueueWorkers is { } workers
        ? string.Create(CultureInfo.InvariantCulture, $"\"{Row.Revision}-{workers}\"")
        : string.Create(CultureInfo.InvariantCulture, $"\"{Row.Revision}\""));
}
