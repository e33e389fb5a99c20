using System.Data.Common;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bet.Jobs.Work;

/// <summary>
/// Takes steps on as many threads of its own as there are slots, so that the thread pool stays free for requests; is on the
/// list of workers meanwhile; and sees to deadlines.
/// </summary>
public sealed class Worker(SearchStore store, WorkerOptions options, WorkSignal signal, ILogger<Worker> logger) : BackgroundService
{
    /// <summary>Between two signs of life on the list of workers, and two looks at searches' deadlines.</summary>
    public static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(5);

    /// <summary>After something went wrong that is no search's fault.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host's start is not kept waiting.
        await Task.Yield();
        var watch = Watch(stoppingToken);
        await Task.WhenAll(Enumerable.Range(1, options.Slots).Select(slot => Task.Factory.StartNew(
            () => Work(options.Slots == 1 ? options.Name : $"{options.Name}/{slot}", stoppingToken),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        await watch;
    }

    private void Work(string name, CancellationToken stop)
    {
        using var runner = new StepRunner(store, name, options, logger);
        while (!stop.IsCancellationRequested)
        {
            var woken = signal.Next();
            try
            {
                if (runner.RunNext(stop))
                {
                    // What has ended may have made several steps ready.
                    signal.Give();
                    continue;
                }

                runner.Drop();
                Task.WaitAny([woken], (int)options.Poll.TotalMilliseconds, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                logger.LogError(e, "No step can be taken; the worker will try again");
                stop.WaitHandle.WaitOne(Pause);
            }
        }
    }

    /// <summary>Stays on the list, where there are slots, and stops searches that are past their time.</summary>
    private async Task Watch(CancellationToken stop)
    {
        var row = WorkerRow.Of(options);
        using var timer = new PeriodicTimer(WatchInterval);
        do
        {
            Try(() =>
            {
                if (options.Slots > 0)
                    store.ListWorker(row);
                store.StopOverdue();
            });
        }
        while (await Next(timer, stop));
        Try(() => store.UnlistWorker(row.Name));
    }

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (DbException e)
        {
            logger.LogDebug(e, "The list of workers and the deadlines have to wait for the database");
        }
    }

    private static async Task<bool> Next(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
