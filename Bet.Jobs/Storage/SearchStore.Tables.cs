using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>What became of a request to delete an uploaded table.</summary>
public enum TableDeletion
{
    Deleted,
    Unknown,

    /// <summary>A search that is not finished uses it.</summary>
    InUse,
}

/// <summary>Full tables that clients have uploaded.</summary>
public sealed partial class SearchStore
{
    /// <summary>Publishes the table and its row; false, and nothing changes, where its data set has gone.</summary>
    public bool AddTable(FullTableRow row, IStagedBlob content)
    {
        return database.InTransaction(
            (connection, transaction) =>
            {
                // A write of nothing, so that nobody deletes the data set until the end.
                if (connection.Execute("update datasets set name = name where id = @Dataset", new { row.Dataset }, transaction) == 0)
                    return false;
                connection.Execute(
                    """
                    insert into fullTables (id, name, dataset, blob, bytes, summary, createdAt)
                    values (@Id, @Name, @Dataset, @Blob, @Bytes, @Summary, @CreatedAt) on conflict (id) do nothing
                    """,
                    row with { Blob = content.Hash, Bytes = content.Bytes },
                    transaction);
                content.Publish();
                return true;
            },
            LockOf(content.Hash));
    }

    public FullTableRow? FindTable(string id)
    {
        return database.Read(connection => connection.QuerySingleOrDefault<FullTableRow>("select * from fullTables where id = @id", new { id }));
    }

    /// <summary>Newest first; a filter that is null lets everything through.</summary>
    public IReadOnlyList<FullTableRow> ListTables(string? dataset, string? name, int limit, ListCursor? after)
    {
        var conditions = new List<string> { "1 = 1" };
        if (dataset is not null)
            conditions.Add("dataset = @dataset");
        if (name is not null)
            conditions.Add("name = @name");
        if (after is not null)
            conditions.Add("(createdAt < @at or (createdAt = @at and id < @id))");
        return database.Read(connection => connection.Query<FullTableRow>(
            $"select * from fullTables where {string.Join(" and ", conditions)} order by createdAt desc, id desc limit @limit",
            new { dataset, name, limit, at = after?.CreatedAt, id = after?.Id }).AsList());
    }

    public TableDeletion DeleteTable(string id)
    {
        var (outcome, blob) = database.InTransaction(
            (connection, transaction) =>
            {
                string? hash = connection.ExecuteScalar<string?>(
                    "select blob from fullTables where id = @id", new { id }, transaction);
                if (hash is null)
                    return (TableDeletion.Unknown, null);
                long users = connection.ExecuteScalar<long>(
                    $"select count(*) from searches where fullTable = @id and state in {Unfinished}", new { id }, transaction);
                if (users > 0)
                    return (TableDeletion.InUse, null);
                connection.Execute("delete from fullTables where id = @id", new { id }, transaction);
                return (TableDeletion.Deleted, (string?)hash);
            },
            UsedData);
        if (blob is not null)
            DeleteUnnamed([blob]);
        return outcome;
    }
}
