using System.Data.Common;
using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>What a search's steps have left: files, trials, events.</summary>
public sealed partial class SearchStore
{
    public ArtifactRow? FindFile(string search, string name)
    {
        return database.Read(connection => connection.QuerySingleOrDefault<ArtifactRow>(
            "select name, blob, bytes from artifacts where search = @search and name = @name", new { search, name }));
    }

    /// <summary>Files whose name begins with the prefix, by name.</summary>
    public IReadOnlyList<ArtifactRow> ListFiles(string search, string prefix)
    {
        return database.Read(connection => connection.Query<ArtifactRow>(
                "select name, blob, bytes from artifacts where search = @search order by name", new { search })
            .Where(file => file.Name.StartsWith(prefix, StringComparison.Ordinal))
            .ToList());
    }

    public IReadOnlyList<StepRow> ListSteps(string search)
    {
        return database.Read(connection => connection.Query<StepRow>(
            "select name, kind, state, worker, attempts, startedAt, finishedAt, seconds from steps where search = @search order by place", new { search }).AsList());
    }

    /// <summary>Trial results as JSON, in order.</summary>
    public IReadOnlyList<string> ListTrials(string search)
    {
        return database.Read(connection => connection.Query<string>(
            "select result from trials where search = @search order by number", new { search }).AsList());
    }

    /// <summary>Events behind a number, in order.</summary>
    public IReadOnlyList<EventRow> ListEvents(string search, long after, int limit)
    {
        return database.Read(connection => connection.Query<EventRow>(
            "select number, at, type, data from events where search = @search and number > @after order by number limit @limit",
            new { search, after, limit }).AsList());
    }

    private void AddEvent(DbConnection connection, DbTransaction transaction, string search, string type, string data) =>
        connection.Execute(
            $"""
            insert into events (search, number, at, type, data)
            select @search, coalesce(max(number), 0) + 1, {database.Clock}, @type, @data from events where search = @search
            """,
            new { search, type, data },
            transaction);
}
