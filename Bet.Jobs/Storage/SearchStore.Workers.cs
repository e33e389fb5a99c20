using System.Reflection;
using Bet.Jobs.Pipeline;
using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>A process that takes steps.</summary>
public sealed record WorkerRow
{
    public string Name { get; init; } = "";

    public string Host { get; init; } = "";

    /// <summary>What it computes with: "cpu".</summary>
    public string Device { get; init; } = "";

    /// <summary>The queues that it serves, with commas between.</summary>
    public string Queues { get; init; } = "";

    /// <summary>How many steps it takes at once.</summary>
    public int Slots { get; init; }

    public string Version { get; init; } = "";

    public long StartedAt { get; init; }

    /// <summary>When it last said that it is there.</summary>
    public long SeenAt { get; init; }

    internal static WorkerRow Of(WorkerOptions options) => new()
    {
        Name = options.Name,
        Host = Environment.MachineName,
        Device = "cpu",
        Queues = string.Join(',', options.Queues),
        Slots = options.Slots,
        Version = typeof(WorkerRow).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
    };
}

/// <summary>A step that a worker has now.</summary>
public sealed record RunningStepRow
{
    /// <summary>The worker's name; of one with several slots followed by "/" and the slot.</summary>
    public string Worker { get; init; } = "";

    public string Search { get; init; } = "";

    public string Name { get; init; } = "";

    public int Attempts { get; init; }

    public long StartedAt { get; init; }
}

/// <summary>What waits and what is under way in one queue.</summary>
public sealed record QueueRow
{
    public string Name { get; init; } = "";

    /// <summary>Steps that any of its workers may take.</summary>
    public long Ready { get; init; }

    /// <summary>Steps that workers have.</summary>
    public long Running { get; init; }

    /// <summary>Steps whose worker was lost, and that no other has taken yet.</summary>
    public long Lost { get; init; }

    /// <summary>Milliseconds that the longest waiting of the searches that no worker has begun has waited.</summary>
    public long OldestWait { get; init; }
}

/// <summary>Who is there to work.</summary>
public sealed partial class SearchStore
{
    /// <summary>A worker that has not been seen for so long is not on the list any more.</summary>
    private static readonly TimeSpan WorkerAbsence = TimeSpan.FromSeconds(30);

    /// <summary>Puts a worker on the list, or says that it is still there.</summary>
    public void ListWorker(WorkerRow row) => database.Read(connection => connection.Execute(
        $"""
        insert into workers (name, host, device, queues, slots, version, startedAt, seenAt)
        values (@Name, @Host, @Device, @Queues, @Slots, @Version, {database.Clock}, {database.Clock})
        on conflict (name) do update set seenAt = excluded.seenAt
        """,
        row));

    /// <summary>Takes a worker off the list, and with it those that have not been seen for long.</summary>
    public void UnlistWorker(string name) => database.Read(connection => connection.Execute(
        $"delete from workers where name = @name or seenAt < {database.Clock} - @absence", new { name, absence = Absence }));

    /// <summary>The workers that were seen lately, by name.</summary>
    public IReadOnlyList<WorkerRow> ListWorkers() => database.Read(connection => connection.Query<WorkerRow>(
        $"select * from workers where seenAt >= {database.Clock} - @absence order by name", new { absence = Absence }).AsList());

    /// <summary>The steps that workers have now.</summary>
    public IReadOnlyList<RunningStepRow> ListRunningSteps() => database.Read(connection => connection.Query<RunningStepRow>(
        $"""
        select worker, search, name, attempts, startedAt from steps
        where state = 'running' and leaseUntil >= {database.Clock} order by worker, startedAt
        """).AsList());

    /// <summary>What waits and what is under way, by queue.</summary>
    public IReadOnlyList<QueueRow> ListQueues() => database.Read(connection => connection.Query<QueueRow>(
        $"""
        select searches.queue as name,
            sum(case when steps.state = 'ready' then 1 else 0 end) as ready,
            sum(case when steps.state = 'running' and steps.leaseUntil >= {database.Clock} then 1 else 0 end) as running,
            sum(case when steps.state = 'running' and steps.leaseUntil < {database.Clock} then 1 else 0 end) as lost,
            coalesce(max(case when searches.state = 'queued' then {database.Clock} - searches.createdAt end), 0) as oldestWait
        from steps join searches on searches.id = steps.search
        where steps.state in ('ready', 'running') and searches.state in ('queued', 'running', 'cancelling')
        group by searches.queue order by searches.queue
        """).AsList());

    private static long Absence => (long)WorkerAbsence.TotalMilliseconds;
}
