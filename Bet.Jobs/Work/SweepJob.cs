using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Microsoft.Extensions.Logging;
using Quartz;

namespace Bet.Jobs.Work;

/// <summary>Deletes what nobody needs any more, now and then; on a cluster in one of its processes.</summary>
public sealed class SweepJob(SearchStore store, WorkerOptions options, ILogger<SweepJob> logger) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancel)
    {
        var gone = store.Sweep(options.Keep);
        if (gone.Searches.Count + gone.Orphans > 0)
            logger.LogInformation(
                "{Searches} searches of more than {Keep} and {Orphans} blobs that no row names were deleted",
                gone.Searches.Count, options.Keep, gone.Orphans);
        return ValueTask.CompletedTask;
    }
}
