using Bet.Jobs.Pipeline;
using Bet.Jobs.Queue;
using Bet.Jobs.Storage;
using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace Bet.Jobs;

public static class JobsSetup
{
    /// <summary>Everything that makes searches durable, with all its files under one folder.</summary>
    /// <param name="services">Where it is registered.</param>
    /// <param name="folder">An absolute path; see <see cref="DataFolder"/>.</param>
    /// <param name="limits">What the workers may do.</param>
    public static IServiceCollection AddJobs(this IServiceCollection services, DataFolder folder, RunnerOptions limits)
    {
        services.AddSingleton(folder);
        services.AddSingleton(limits);
        services.AddSingleton(new Database(folder.DatabaseFile));
        services.AddSingleton<IBlobStore>(new DirectoryBlobStore(folder.Blobs, folder.Temporary));
        services.AddSingleton<SearchStore>();
        services.AddSingleton<RunningSearches>();
        services.AddSingleton<SearchRunner>();
        services.AddSingleton<IJobQueue, QuartzJobQueue>();
        services.AddHostedService<QueueStart>();
        services.AddQuartz(quartz =>
        {
            quartz.UseInMemoryStore();
            // One search uses every core; a second one beside it would only make both late.
            quartz.UseDefaultThreadPool(1);
            quartz.ConfigureScheduler(scheduler => scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always);
        });
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
        return services;
    }
}
