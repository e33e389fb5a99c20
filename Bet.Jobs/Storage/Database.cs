using System.Data.Common;
using System.Diagnostics;
using Dapper;

namespace Bet.Jobs.Storage;

/// <summary>
/// Where our own tables are. The store's SQL is what SQLite and PostgreSQL both speak; what is particular to one of them,
/// connections, locks and the clock, is here and in its subclass.
/// </summary>
/// <param name="patience">How long a piece of work is tried again while the database does not answer.</param>
public abstract class Database(TimeSpan patience)
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(50), LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>An SQL expression: the database's own time in milliseconds since 1970, so that machines' clocks do not matter.</summary>
    public abstract string Clock { get; }

    /// <summary>The same tables, for whoever would rather wait so long than fail.</summary>
    public abstract Database WithPatience(TimeSpan longer);

    /// <summary>Runs queries on an open connection, outside of any transaction.</summary>
    public T Read<T>(Func<DbConnection, T> work) => Patiently(() =>
    {
        using var connection = Open();
        return work(connection);
    });

    /// <summary>
    /// Runs <paramref name="work"/> in one transaction. Where its end is not known, because the database went away, it may
    /// be run again: it must find what it has done before.
    /// </summary>
    /// <param name="work">Its writes appear together or not at all.</param>
    /// <param name="locked">While it runs nobody else runs anything under this name; null: any number at once.</param>
    public T InTransaction<T>(Func<DbConnection, DbTransaction, T> work, string? locked = null) => Patiently(() =>
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        if (locked is not null)
            Lock(connection, transaction, locked);
        T result = work(connection, transaction);
        transaction.Commit();
        return result;
    });

    /// <summary>An open connection from the pool; the caller disposes it.</summary>
    protected abstract DbConnection Open();

    /// <summary>Waits until nobody else has the name, and has it until the transaction ends.</summary>
    protected abstract void Lock(DbConnection connection, DbTransaction transaction, string name);

    /// <summary>Whether what failed may well succeed a moment later.</summary>
    protected abstract bool IsPassing(DbException error);

    /// <summary>Applies the numbered scripts that are missing, in order, under a lock.</summary>
    protected void Migrate() => InTransaction(
        (connection, transaction) =>
        {
            connection.Execute(
                "create table if not exists migrations (name text primary key, appliedAt bigint not null)", transaction: transaction);
            var applied = connection.Query<string>("select name from migrations", transaction: transaction).ToHashSet();
            var assembly = typeof(Database).Assembly;
            var scripts = assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Order();
            foreach (string name in scripts.Where(name => !applied.Contains(name)))
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                connection.Execute(reader.ReadToEnd(), transaction: transaction);
                connection.Execute(
                    $"insert into migrations (name, appliedAt) values (@name, {Clock})", new { name }, transaction);
            }

            return 0;
        },
        "migrations");

    private T Patiently<T>(Func<T> work)
    {
        var clock = Stopwatch.StartNew();
        for (var wait = ShortestWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            try
            {
                return work();
            }
            catch (DbException e) when (IsPassing(e) && clock.Elapsed < patience)
            {
                Thread.Sleep(wait);
            }
        }
    }
}
