using System.Data.Common;
using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>Bounds of time that a client may set.</summary>
/// <param name="BeginBy">See <see cref="SearchRow.BeginBy"/>; null leaves it as it is.</param>
/// <param name="LongestRun">See <see cref="SearchRow.LongestRun"/>; null leaves it as it is.</param>
/// <param name="KeepAlive">See <see cref="SearchRow.KeepAlive"/>; null leaves it as it is.</param>
public sealed record SearchDeadlines(long? BeginBy = null, long? LongestRun = null, long? KeepAlive = null);

/// <summary>Searches that are not wanted for longer than they may take.</summary>
public sealed partial class SearchStore
{
    /// <summary>How often being asked for is written down at most.</summary>
    private const int AskedGranularity = 1000;

    /// <summary>Of a search that nobody has asked to stop; as the indexes by bounds of time have it.</summary>
    private const string CanBeOverdue = "state in ('queued', 'running', 'paused')";

    private static readonly Dictionary<string, string> Reasons = new()
    {
        ["queue-deadline"] = "no worker had begun it by its queueDeadline",
        ["run-deadline"] = "it had taken as long as its runDeadline allows; the best table so far is kept",
        ["nobody-asks"] = "nobody had asked for it for as long as its keepAlive; the best table so far is kept",
    };

    /// <summary>Stops what is past its time. Any process may call it, as often as it likes.</summary>
    /// <returns>How many searches.</returns>
    public int StopOverdue()
    {
        // As a subquery it is one value, by which an index can be searched.
        string clock = $"(select {database.Clock})";
        var overdue = database.Read(connection => connection.Query<(string Id, string Reason)>(
            $"""
            select id, case when startedAt is null and beginBy < {clock} then 'queue-deadline'
                            when startedAt + longestRun < {clock} then 'run-deadline' else 'nobody-asks' end
            from searches where id in (
                select id from searches where {CanBeOverdue} and startedAt is null and beginBy is not null and beginBy < {clock}
                union select id from searches where {CanBeOverdue} and longestRun is not null and startedAt + longestRun < {clock}
                union select id from searches where {CanBeOverdue} and keepAlive is not null and askedAt + keepAlive < {clock})
            """).AsList());
        foreach (var (id, reason) in overdue)
            RequestCancel(id, reason);
        return overdue.Count;
    }

    /// <summary>Says that somebody has asked for a search, where that keeps it alive.</summary>
    public void Ask(SearchRow row)
    {
        if (row is { KeepAlive: not null, IsFinished: false })
            database.Read(connection => connection.Execute(
                $"update searches set askedAt = {database.Clock} where id = @Id and askedAt < {database.Clock} - {AskedGranularity}",
                new { row.Id }));
    }

    /// <summary>Null where there is no such search; a finished one stays as it is.</summary>
    public SearchRow? SetDeadlines(string id, SearchDeadlines deadlines) => Change(id, (connection, transaction, row) =>
        !row.IsFinished && connection.Execute(
            $"""
            update searches set beginBy = coalesce(@BeginBy, beginBy), longestRun = coalesce(@LongestRun, longestRun),
                keepAlive = coalesce(@KeepAlive, keepAlive), askedAt = {database.Clock}
            where id = @id
            """,
            new { id, deadlines.BeginBy, deadlines.LongestRun, deadlines.KeepAlive },
            transaction) > 0);
}
