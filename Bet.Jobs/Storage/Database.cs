using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Bet.Jobs.Storage;

/// <summary>
/// Our own tables in one SQLite file with a write-ahead log. The store's SQL is what SQLite and PostgreSQL both speak;
/// only opening a connection and locking for migrations is particular to SQLite, and is here.
/// </summary>
public sealed class Database
{
    private readonly string connectionString;

    static Database() => SQLitePCL.Batteries_V2.Init();

    /// <summary>Opens or creates the file, and brings its tables up to date.</summary>
    public Database(string path)
    {
        connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            ForeignKeys = true,
            DefaultTimeout = 30,
        }.ToString();
        using var connection = Open();
        connection.Execute("pragma journal_mode = wal");
        Migrate(connection);
    }

    /// <summary>An open connection from the pool; the caller disposes it.</summary>
    public DbConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        // With a write-ahead log a killed process loses nothing; after a power cut the last steps may be run again.
        connection.Execute("pragma synchronous = normal");
        return connection;
    }

    /// <summary>Runs <paramref name="work"/> in one transaction that takes the write lock at its start.</summary>
    public T InTransaction<T>(Func<DbConnection, DbTransaction, T> work)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        T result = work(connection, transaction);
        transaction.Commit();
        return result;
    }

    /// <summary>
    /// Applies the numbered scripts that are missing, in order. A SQLite transaction takes the file's write lock when it
    /// begins, so two processes that start together apply each script once.
    /// </summary>
    private static void Migrate(DbConnection connection)
    {
        connection.Execute("create table if not exists migrations (name text primary key, appliedAt bigint not null)");
        using var transaction = connection.BeginTransaction();
        var applied = connection.Query<string>("select name from migrations", transaction: transaction).ToHashSet();
        var assembly = typeof(Database).Assembly;
        var scripts = assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Order();
        foreach (string name in scripts.Where(name => !applied.Contains(name)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            connection.Execute(reader.ReadToEnd(), transaction: transaction);
            connection.Execute(
                "insert into migrations (name, appliedAt) values (@name, @now)",
                new { name, now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() },
                transaction);
        }

        transaction.Commit();
    }
}
