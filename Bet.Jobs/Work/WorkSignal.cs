namespace Bet.Jobs.Work;

/// <summary>Wakes this process's idle workers at once when there may be something to do; others find out when they look.</summary>
public sealed class WorkSignal
{
    private readonly Lock gate = new();
    private TaskCompletionSource given = New();

    /// <summary>Wakes all that wait.</summary>
    public void Give()
    {
        lock (gate)
        {
            given.TrySetResult();
            given = New();
        }
    }

    /// <summary>Completed by the next <see cref="Give"/>: to be taken before looking for work, so that none is missed.</summary>
    public Task Next()
    {
        lock (gate)
            return given.Task;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
