using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bet.Jobs.Work;

/// <summary>Before the first step is taken: makes what earlier processes have left fit to go on with.</summary>
/// <param name="store">Rows and blobs.</param>
/// <param name="place">Whether other processes use them too.</param>
/// <param name="logger">Told how much there is.</param>
public sealed class JobsStart(SearchStore store, StoragePlace place, ILogger<JobsStart> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!place.IsShared)
        {
            store.EndLeases();
            store.Sweep();
        }

        store.AddMissingSteps(options => SearchKind.Of(options).Plan);
        var counts = store.CountSearches();
        long unfinished = counts.GetValueOrDefault(SearchState.Queued) + counts.GetValueOrDefault(SearchState.Running)
            + counts.GetValueOrDefault(SearchState.Cancelling);
        if (unfinished > 0)
            logger.LogInformation("{Count} searches go on from where they stood", unfinished);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
