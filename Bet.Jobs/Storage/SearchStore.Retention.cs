using System.Data.Common;
using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>What became of a request to delete a search.</summary>
public enum SearchDeletion
{
    Deleted,
    Unknown,

    /// <summary>It has not ended.</summary>
    Unfinished,
}

/// <summary>What may go.</summary>
/// <param name="Searches">Ended searches that are older than is kept.</param>
/// <param name="Bytes">Of their files; blobs that others name too stay.</param>
/// <param name="Orphans">Blobs that no row names.</param>
public sealed record Disposable(IReadOnlyList<string> Searches, long Bytes, int Orphans);

/// <summary>What is kept, and for how long.</summary>
public sealed partial class SearchStore
{
    /// <summary>What <see cref="Sweep"/> would delete now.</summary>
    /// <param name="keep">How long ended searches are kept; null for ever.</param>
    public Disposable FindDisposable(TimeSpan? keep)
    {
        var searches = keep is { } span
            ? database.Read(connection => connection.Query<string>(
                $"select id from searches where finishedAt < {database.Clock} - @milliseconds order by finishedAt",
                new { milliseconds = (long)span.TotalMilliseconds }).AsList())
            : [];
        long bytes = searches.Sum(id => ListFiles(id, "").Sum(file => file.Bytes));
        return new Disposable(searches, bytes, FindOrphans().Count);
    }

    /// <summary>
    /// Deletes ended searches that are older than is kept, blobs that no row names (what a process killed between two writes
    /// has left) and idempotency keys of yesterday.
    /// </summary>
    /// <param name="keep">How long ended searches are kept; null for ever.</param>
    public Disposable Sweep(TimeSpan? keep = null)
    {
        var disposable = FindDisposable(keep);
        foreach (string id in disposable.Searches)
            DeleteSearch(id);
        DeleteUnnamed(FindOrphans());
        database.Read(connection => connection.Execute(
            $"delete from idempotencyKeys where createdAt < {database.Clock} - @day",
            new { day = (long)TimeSpan.FromDays(1).TotalMilliseconds }));
        return disposable;
    }

    /// <summary>Deletes a search that has ended, with all its files.</summary>
    public SearchDeletion DeleteSearch(string id)
    {
        var (outcome, blobs) = database.InTransaction((connection, transaction) =>
        {
            connection.Execute("update searches set revision = revision where id = @id", new { id }, transaction);
            var row = connection.QuerySingleOrDefault<SearchRow>("select * from searches where id = @id", new { id }, transaction);
            if (row is not { IsFinished: true })
                return (row is null ? SearchDeletion.Unknown : SearchDeletion.Unfinished, new List<string>());
            var hashes = connection.Query<string>("select blob from artifacts where search = @id", new { id }, transaction).AsList();
            foreach (string table in new[] { "artifacts", "events", "trials", "steps", "idempotencyKeys" })
                connection.Execute($"delete from {table} where search = @id", new { id }, transaction);
            connection.Execute("delete from searches where id = @id", new { id }, transaction);
            return (SearchDeletion.Deleted, hashes);
        });
        DeleteUnnamed(blobs);
        return outcome;
    }

    private List<string> FindOrphans()
    {
        var named = database.Read(connection => connection.Query<string>(
            "select blob from artifacts union select blob from datasets union select blob from fullTables")).ToHashSet();
        return [.. blobs.All().Where(hash => !named.Contains(hash))];
    }
}
