using System.Data.Common;
using Bet.Engine.Search;
using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>What became of a request to create a search.</summary>
public enum SearchCreation
{
    Created,

    /// <summary>The data set has gone since it was looked up.</summary>
    DatasetGone,

    /// <summary>The table that it begins with has gone since it was looked up.</summary>
    TableGone,

    /// <summary>The idempotency key was used before, for the same request.</summary>
    Replayed,

    /// <summary>The idempotency key was used before, for another request.</summary>
    KeyReused,
}

/// <summary>A client's promise that requests with the same key are one request.</summary>
/// <param name="Key">As the client sent it.</param>
/// <param name="Fingerprint">A hash of the request.</param>
public sealed record IdempotencyKey(string Key, string Fingerprint);

public sealed partial class SearchStore
{
    private const string ListedColumns =
        "id, dataset, label, state, options, stepCount, stepsDone, step, stepFraction, detail, best, secondsLeft, errorCode, errorMessage, priority, queue, createdAt, startedAt, finishedAt";

    /// <summary>
    /// Adds a queued search, its first event and its idempotency key in one transaction, so that a key is never left
    /// behind without its search. Answers the search that the key stands for.
    /// </summary>
    public (SearchCreation Outcome, string Search) AddSearch(SearchRow row, IdempotencyKey? key) =>
        database.InTransaction(
            (connection, transaction) =>
            {
                if (key is not null && FindKey(connection, transaction, key.Key) is { } used)
                    return (used.Fingerprint == key.Fingerprint ? SearchCreation.Replayed : SearchCreation.KeyReused, used.Search);
                long datasets = connection.ExecuteScalar<long>(
                    "select count(*) from datasets where id = @Dataset", row, transaction);
                if (datasets == 0)
                    return (SearchCreation.DatasetGone, row.Id);
                long tables = connection.ExecuteScalar<long>(
                    "select count(*) from fullTables where id = @FullTable", row, transaction);
                if (row.FullTable is not null && tables == 0)
                    return (SearchCreation.TableGone, row.Id);
                connection.Execute(
                    """
                    insert into searches (id, dataset, fullTable, label, state, options, budget, stepCount, createdAt, priority, queue, owner, beginBy, longestRun, keepAlive, askedAt)
                    values (@Id, @Dataset, @FullTable, @Label, 'queued', @Options, @Budget, @StepCount, @CreatedAt, @Priority, @Queue, @Owner, @BeginBy, @LongestRun, @KeepAlive, @CreatedAt)
                    """,
                    row,
                    transaction);
                if (key is not null)
                    connection.Execute(
                        "insert into idempotencyKeys (keyText, fingerprint, search, createdAt) values (@Key, @Fingerprint, @Id, @CreatedAt)",
                        new { key.Key, key.Fingerprint, row.Id, row.CreatedAt },
                        transaction);
                AddReady(connection, transaction, row.Id, new SearchStep(StepKind.Prepare, 0), place: 0);
                AddEvent(connection, transaction, row.Id, "queued", "{}");
                return (SearchCreation.Created, row.Id);
            },
            UsedData);

    /// <summary>The request that a key was used for; null where it is free.</summary>
    public (string Fingerprint, string Search)? FindKey(string key)
    {
        return database.Read(connection => FindKey(connection, null, key));
    }

    public SearchRow? FindSearch(string id)
    {
        return database.Read(connection => connection.QuerySingleOrDefault<SearchRow>("select * from searches where id = @id", new { id }));
    }

    /// <summary>Newest first, without budgets, results and curves; a filter that is null lets everything through.</summary>
    public IReadOnlyList<SearchRow> ListSearches(
        SearchState? state, string? dataset, string? label, int limit, ListCursor? after)
    {
        var conditions = new List<string> { "1 = 1" };
        if (state is not null)
            conditions.Add("state = @state");
        if (dataset is not null)
            conditions.Add("dataset = @dataset");
        if (label is not null)
            conditions.Add("label = @label");
        if (after is not null)
            conditions.Add("(createdAt < @at or (createdAt = @at and id < @id))");
        return database.Read(connection => connection.Query<SearchRow>(
            $"select {ListedColumns} from searches where {string.Join(" and ", conditions)} order by createdAt desc, id desc limit @limit",
            new { state = state is { } s ? Text(s) : null, dataset, label, limit, at = after?.CreatedAt, id = after?.Id }).AsList());
    }

    public IReadOnlyDictionary<SearchState, long> CountSearches()
    {
        return database.Read(connection => connection.Query<(string State, long Count)>("select state, count(*) from searches group by state")
            .ToDictionary(row => Enum.Parse<SearchState>(row.State, ignoreCase: true), row => row.Count));
    }

    private static (string Fingerprint, string Search)? FindKey(
        DbConnection connection, DbTransaction? transaction, string key)
    {
        var found = connection.Query<(string Fingerprint, string Search)>(
            "select fingerprint, search from idempotencyKeys where keyText = @key", new { key }, transaction).AsList();
        return found.Count == 0 ? null : found[0];
    }
}
