using System.Collections.Concurrent;

namespace Bet.Jobs.Pipeline;

/// <summary>The searches that this process works on, so that a request to stop reaches them at once.</summary>
public sealed class RunningSearches
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> running = new();

    /// <summary>Cancelled by <see cref="Cancel"/> or by <paramref name="shutdown"/>; disposing ends the registration.</summary>
    public Registration Register(string search, CancellationToken shutdown)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(shutdown);
        running[search] = source;
        return new Registration(this, search, source);
    }

    /// <summary>Stops a search if it runs here.</summary>
    public void Cancel(string search)
    {
        if (!running.TryGetValue(search, out var source))
            return;
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended between the look-up and the call: there is nothing left to stop.
        }
    }

    public sealed class Registration(RunningSearches owner, string search, CancellationTokenSource source) : IDisposable
    {
        public CancellationToken Token => source.Token;

        public void Cancel() => source.Cancel();

        public void Dispose()
        {
            owner.running.TryRemove(new(search, source));
            source.Dispose();
        }
    }
}
