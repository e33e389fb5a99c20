namespace Bet.Api;

/// <summary>Work that takes a core and much memory: one at a time, beside whatever search runs, on a thread of its own, since the thread pool serves requests.</summary>
public sealed class SlowWork
{
    private readonly SemaphoreSlim one = new(1);

    public async Task<T> Run<T>(Func<T> work, CancellationToken cancel)
    {
        await one.WaitAsync(cancel);
        try
        {
            return await Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            one.Release();
        }
    }
}
