using Bet.Jobs.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bet.Jobs.Queue;

/// <summary>At the start: clears what a killed process has left, and queues every search that is not finished.</summary>
public sealed class QueueStart(SearchStore store, IJobQueue queue, ILogger<QueueStart> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        store.Sweep();
        var unfinished = store.UnfinishedSearches();
        foreach (string search in unfinished)
            await queue.Enqueue(search, cancellationToken);
        if (unfinished.Count > 0)
            logger.LogInformation("{Count} searches go on from where they stood", unfinished.Count);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
