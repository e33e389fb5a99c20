using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Bet.Jobs.Work;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Quartz;

namespace Bet.Jobs;

public static class JobsSetup
{
    /// <summary>How long the first connection to a database may take: it may well start at the same time.</summary>
    private static readonly TimeSpan PatienceAtStart = TimeSpan.FromMinutes(1);

    /// <summary>A request is told soon that the database does not answer.</summary>
    private static readonly TimeSpan PatienceOfRequests = TimeSpan.FromSeconds(2);

    /// <summary>What is under way when the process is asked to end may take so long to be handed back; then it counts as an attempt.</summary>
    private static readonly TimeSpan ShutdownTime = TimeSpan.FromMinutes(2);

    /// <summary>Everything that makes searches durable, and the workers that run them.</summary>
    /// <param name="services">Where it is registered.</param>
    /// <param name="place">Where rows and blobs are.</param>
    /// <param name="options">What this process's workers do.</param>
    public static IServiceCollection AddJobs(this IServiceCollection services, StoragePlace place, WorkerOptions options)
    {
        services.AddSingleton(place);
        services.AddSingleton(place.Folder);
        services.AddSingleton(options);
        services.AddSingleton(new SearchStore(place.OpenDatabase(PatienceAtStart, PatienceOfRequests), place.OpenBlobs()));
        services.AddSingleton<WorkSignal>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTime);
        services.AddHostedService<JobsStart>();
        services.AddHostedService<Worker>();
        services.AddQuartz(quartz => AddSweeping(quartz, place));
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
        return services;
    }

    private static void AddSweeping(IQuartzBuilder quartz, StoragePlace place)
    {
        quartz.UseDefaultThreadPool(1);
        if (place.Postgres is { } connection)
        {
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(NpgsqlFactory.Instance, connection);
                store.ProvisionSchema();
                store.UseSystemTextJsonSerializer();
                store.UseClustering(cluster => { });
            });
        }
        else
        {
            quartz.UseInMemoryStore();
        }

        quartz.ScheduleJob<SweepJob>(trigger => trigger
            .WithIdentity("sweep")
            // Every process that starts sets it anew: much later, and where processes come and go it would never be time.
            .StartAt(DateTimeOffset.UtcNow.AddMinutes(5))
            .WithSimpleSchedule(schedule => schedule.WithInterval(TimeSpan.FromHours(1)).RepeatForever()));
    }
}
