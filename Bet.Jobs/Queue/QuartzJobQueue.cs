using Bet.Jobs.Pipeline;
using Quartz;

namespace Bet.Jobs.Queue;

/// <summary>The queue on a Quartz scheduler in memory: first come, first served.</summary>
public sealed class QuartzJobQueue(ISchedulerFactory factory) : IJobQueue
{
    private readonly Lock ordering = new();
    private DateTimeOffset last = DateTimeOffset.MinValue;

    public async ValueTask<bool> IsRunning(CancellationToken cancel = default) =>
        (await factory.GetScheduler(cancel)).Status == SchedulerStatus.Running;

    public async Task Enqueue(string searchId, CancellationToken cancel = default)
    {
        var scheduler = await factory.GetScheduler(cancel);
        var job = JobBuilder.Create<SearchJob>().WithIdentity(searchId).UsingJobData(SearchJob.SearchKey, searchId).Build();
        // However long it waits it keeps its due time, which is its place in the queue.
        var trigger = TriggerBuilder.Create()
            .WithIdentity(searchId)
            .ForJob(job)
            .StartAt(NextDueTime())
            .WithSimpleSchedule(schedule => schedule.WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires))
            .Build();
        await scheduler.ScheduleJob(job, [trigger], ScheduleJobOptions.Replacing, cancel);
    }

    /// <summary>Now, but always later than the one before.</summary>
    private DateTimeOffset NextDueTime()
    {
        lock (ordering)
        {
            var now = DateTimeOffset.UtcNow;
            last = now > last ? now : last.AddMilliseconds(1);
            return last;
        }
    }
}

/// <summary>Runs one search on a thread of its own, so that the thread pool stays free for requests.</summary>
public sealed class SearchJob(SearchRunner runner) : IJob
{
    public const string SearchKey = "search";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancel)
    {
        string search = context.MergedJobDataMap.GetString(SearchKey)!;
        await Task.Factory.StartNew(
            () => runner.Run(search, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
