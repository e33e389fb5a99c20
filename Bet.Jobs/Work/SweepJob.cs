using Bet.Jobs.Storage;
using Microsoft.Extensions.Logging;
using Quartz;

namespace Bet.Jobs.Work;

/// <summary>Deletes what nobody needs any more, now and then; on a cluster in one of its processes.</summary>
public sealed class SweepJob(SearchStore store, ILogger<SweepJob> logger) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancel)
    {
        int orphans = store.Sweep();
        if (orphans > 0)
            logger.LogInformation("{Count} blobs that no row names were deleted", orphans);
        return ValueTask.CompletedTask;
    }
}
