using System.Data.Common;
using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>
/// The rows of data sets, tables and searches and the blobs that they name, kept together: a blob is deleted when the last
/// row that names it goes. All writes of a worker are fenced by its claim; they throw <see cref="ClaimLostException"/>
/// where somebody else has taken the step since.
/// </summary>
public sealed partial class SearchStore(Database database, IBlobStore blobs)
{
    /// <summary>States in which a search can still change.</summary>
    private const string Unfinished = "('queued', 'running', 'paused', 'cancelling')";

    public IBlobStore Blobs => blobs;

    /// <summary>The same store, for whoever would rather wait so long for the database than fail.</summary>
    public SearchStore WithPatience(TimeSpan longer) => new(database.WithPatience(longer), blobs);

    /// <summary>True where the tables answer.</summary>
    public bool Ping() => database.Read(connection => connection.ExecuteScalar<long>("select count(*) from migrations")) > 0;

    /// <summary>Who begins to use a data set or a table, and who deletes one because nobody does, take turns.</summary>
    private const string UsedData = "used data";

    private static string Text(Enum state) => state.ToString().ToLowerInvariant();

    /// <summary>
    /// Who publishes a blob and the row that names it, or deletes it because none does, is alone with it: neither is seen
    /// without the other.
    /// </summary>
    private static string LockOf(string hash) => "blob " + hash;

    private void DeleteUnnamed(IEnumerable<string> hashes)
    {
        foreach (string hash in hashes.Distinct())
        {
            database.InTransaction(
                (connection, transaction) =>
                {
                    long names = connection.ExecuteScalar<long>(
                        """
                        select (select count(*) from artifacts where blob = @hash) + (select count(*) from datasets where blob = @hash)
                            + (select count(*) from fullTables where blob = @hash)
                        """,
                        new { hash },
                        transaction);
                    if (names == 0)
                        blobs.Delete(hash);
                    return 0;
                },
                LockOf(hash));
        }
    }
}
