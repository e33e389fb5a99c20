using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bet.Jobs.Work;

/// <summary>
/// Takes steps on as many threads of its own as there are slots, so that the thread pool stays free for requests; and is
/// on the list of workers meanwhile.
/// </summary>
public sealed class Worker(SearchStore store, WorkerOptions options, WorkSignal signal, ILogger<Worker> logger) : BackgroundService
{
    /// <summary>Between two signs of life on the list of workers.</summary>
    public static readonly TimeSpan ListInterval = TimeSpan.FromSeconds(5);

    /// <summary>After something went wrong that is no search's fault.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Slots == 0)
            return;
        // The host's start is not kept waiting.
        await Task.Yield();
        var listed = StayListed(stoppingToken);
        await Task.WhenAll(Enumerable.Range(1, options.Slots).Select(slot => Task.Factory.StartNew(
            () => Work(options.Slots == 1 ? options.Name : $"{options.Name}/{slot}", stoppingToken),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        await listed;
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

    private async Task StayListed(CancellationToken stop)
    {
        var row = WorkerRow.Of(options);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                store.ListWorker(row);
            }
            catch (System.Data.Common.DbException e)
            {
                logger.LogDebug(e, "The list of workers cannot be written");
            }

            await Task.Delay(ListInterval, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        try
        {
            store.UnlistWorker(row.Name);
        }
        catch (System.Data.Common.DbException e)
        {
            logger.LogDebug(e, "The worker stays on the list until it is swept");
        }
    }
}
