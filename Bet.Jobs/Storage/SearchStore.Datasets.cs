using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>What became of a request to delete a data set.</summary>
public enum DatasetDeletion
{
    Deleted,
    Unknown,

    /// <summary>A search that is not finished uses it.</summary>
    InUse,
}

public sealed partial class SearchStore
{
    /// <summary>Publishes the content and its row; false, and nothing changes, where the id is taken.</summary>
    public bool AddDataset(DatasetRow row, IStagedBlob content)
    {
        return database.InTransaction(
            (connection, transaction) =>
            {
                int added = connection.Execute(
                    """
                    insert into datasets (id, name, kind, blob, bytes, summary, createdAt)
                    values (@Id, @Name, @kind, @Hash, @Bytes, @Summary, @CreatedAt) on conflict (id) do nothing
                    """,
                    new { row.Id, row.Name, kind = Text(row.Kind), content.Hash, content.Bytes, row.Summary, row.CreatedAt },
                    transaction);
                if (added > 0)
                    content.Publish();
                return added > 0;
            },
            LockOf(content.Hash));
    }

    public DatasetRow? FindDataset(string id)
    {
        return database.Read(connection => connection.QuerySingleOrDefault<DatasetRow>("select * from datasets where id = @id", new { id }));
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<DatasetRow> ListDatasets(int limit, ListCursor? after)
    {
        return database.Read(connection => connection.Query<DatasetRow>(
            $"""
            select * from datasets
            {(after is null ? "" : "where createdAt < @at or (createdAt = @at and id < @id)")}
            order by createdAt desc, id desc limit @limit
            """,
            new { limit, at = after?.CreatedAt, id = after?.Id }).AsList());
    }

    /// <summary>Deletes a data set and the tables that were uploaded for it.</summary>
    public DatasetDeletion DeleteDataset(string id)
    {
        var (outcome, blobs) = database.InTransaction(
            (connection, transaction) =>
            {
                var hashes = connection.Query<string>(
                    "select blob from datasets where id = @id", new { id }, transaction).AsList();
                if (hashes.Count == 0)
                    return (DatasetDeletion.Unknown, hashes);
                long users = connection.ExecuteScalar<long>(
                    $"select count(*) from searches where dataset = @id and state in {Unfinished}", new { id }, transaction);
                if (users > 0)
                    return (DatasetDeletion.InUse, []);
                // It first: whoever has just added a table to it is waited for, and nobody adds another.
                connection.Execute("delete from datasets where id = @id", new { id }, transaction);
                hashes.AddRange(connection.Query<string>("select blob from fullTables where dataset = @id", new { id }, transaction));
                connection.Execute("delete from fullTables where dataset = @id", new { id }, transaction);
                return (DatasetDeletion.Deleted, hashes);
            },
            UsedData);
        if (outcome == DatasetDeletion.Deleted)
            DeleteUnnamed(blobs);
        return outcome;
    }

    public long CountDatasets()
    {
        return database.Read(connection => connection.ExecuteScalar<long>("select count(*) from datasets"));
    }
}
