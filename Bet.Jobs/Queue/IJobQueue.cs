namespace Bet.Jobs.Queue;

/// <summary>Decides which search is worked on next, and where.</summary>
public interface IJobQueue
{
    /// <summary>
    /// Puts a search at the end of the queue; one that is there already stays where it is. The queue may forget: what
    /// is to be done stands in our own tables, from which it is rebuilt at every start.
    /// </summary>
    Task Enqueue(string searchId, CancellationToken cancel = default);

    /// <summary>Whether the queue hands out work.</summary>
    ValueTask<bool> IsRunning(CancellationToken cancel = default);
}
