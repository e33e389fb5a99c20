using System.Data.Common;
using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>
/// The rows of data sets and searches and the blobs that they name, kept together: a blob is deleted when the last row
/// that names it goes. All writes of a worker are fenced by its claim; they throw <see cref="ClaimLostException"/>
/// where somebody else has claimed the search since.
/// </summary>
public sealed partial class SearchStore(Database database, IBlobStore blobs)
{
    /// <summary>Held while a blob and the row that names it appear or disappear, so that neither is seen alone.</summary>
    private readonly Lock publishing = new();

    public IBlobStore Blobs => blobs;

    /// <summary>Deletes blobs that no row names: what a process killed between the two writes has left. For the start.</summary>
    public void Sweep()
    {
        lock (publishing)
        {
            using var connection = database.Open();
            var named = connection.Query<string>("select blob from artifacts union select blob from datasets union select blob from fullTables").ToHashSet();
            foreach (string hash in blobs.All().Where(hash => !named.Contains(hash)).ToList())
                blobs.Delete(hash);
            connection.Execute(
                "delete from idempotencyKeys where createdAt < @before",
                new { before = Now - (long)TimeSpan.FromDays(1).TotalMilliseconds });
        }
    }

    /// <summary>True where the tables answer.</summary>
    public bool Ping()
    {
        using var connection = database.Open();
        return connection.ExecuteScalar<long>("select count(*) from migrations") > 0;
    }

    internal static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private static string Text(SearchState state) => state.ToString().ToLowerInvariant();

    private void DeleteUnnamed(DbConnection connection, IEnumerable<string> hashes)
    {
        foreach (string hash in hashes.Distinct())
        {
            long names = connection.ExecuteScalar<long>(
                """
                select (select count(*) from artifacts where blob = @hash) + (select count(*) from datasets where blob = @hash)
                    + (select count(*) from fullTables where blob = @hash)
                """,
                new { hash });
            if (names == 0)
                blobs.Delete(hash);
        }
    }
}
