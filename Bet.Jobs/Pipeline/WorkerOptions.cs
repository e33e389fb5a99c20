using Bet.Jobs.Storage;

namespace Bet.Jobs.Pipeline;

/// <summary>What a process's workers do, and how.</summary>
public sealed record WorkerOptions
{
    /// <summary>What others know the process by; no two have the same.</summary>
    public string Name { get; init; } = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..6]}";

    /// <summary>How many steps at once; 0: the process does not work on searches.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>How many threads a step computes with; 0 for the processors, shared out among the slots.</summary>
    public int Threads { get; init; }

    /// <summary>The queues whose searches are worked on.</summary>
    public IReadOnlyCollection<string> Queues { get; init; } = [SearchRow.DefaultQueue];

    /// <summary>How often a step may end its process before its search fails.</summary>
    public int StepAttempts { get; init; } = 3;

    /// <summary>How many searches of one key may be under way at once; 0 for any number.</summary>
    public int SearchesPerKey { get; init; }

    /// <summary>How long a worker that says nothing keeps its step.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Between two signs of life, which also tell how far a step is, and whether to stop.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an idle worker waits before it looks for work that another process has made.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a worker waits for a database that does not answer, with what it has done in hand.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long searches that have ended are kept; null for ever.</summary>
    public TimeSpan? Keep { get; init; }

    /// <summary>How much of a long training may be lost at most, or an epoch where that is longer.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Of one slot.</summary>
    public int ThreadsOfSlot => Threads > 0 ? Threads : Math.Max(1, Environment.ProcessorCount / Math.Max(1, Slots));
}
