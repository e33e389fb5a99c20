using Bet.Jobs.Storage;
using Npgsql;

namespace Bet.Tests.Jobs;

/// <summary>Where a test keeps its rows.</summary>
public enum RowPlace
{
    Sqlite,
    Postgres,
}

/// <summary>The databases that are here: SQLite always, PostgreSQL where BET_TEST_POSTGRES says how to reach a server.</summary>
public static class Databases
{
    /// <summary>How a test server is reached, as Npgsql reads it; null where there is none. test.sh starts one.</summary>
    public static string? Postgres { get; } =
        Environment.GetEnvironmentVariable("BET_TEST_POSTGRES") is { Length: > 0 } given ? given : null;

    public static TheoryData<RowPlace> Here => Postgres is null ? [RowPlace.Sqlite] : [RowPlace.Sqlite, RowPlace.Postgres];
}

/// <summary>A test on PostgreSQL; skipped where there is no server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        if (Databases.Postgres is null)
            Skip = "no PostgreSQL server: BET_TEST_POSTGRES is not set; ./test.sh starts one";
    }
}

/// <summary>A schema of its own on the test server; it goes with its test.</summary>
public sealed class PostgresSchema : IDisposable
{
    private readonly string name = $"test_{Guid.NewGuid():N}";

    public PostgresSchema()
    {
        Run($"create schema {name}");
        Connection = new NpgsqlConnectionStringBuilder(Databases.Postgres) { SearchPath = name }.ToString();
    }

    /// <summary>How a server reaches it.</summary>
    public string Connection { get; }

    public void Dispose()
    {
        using (var used = new NpgsqlConnection(Connection))
            NpgsqlConnection.ClearPool(used);
        Run($"drop schema {name} cascade");
    }

    private static void Run(string sql)
    {
        using var connection = new NpgsqlConnection(Databases.Postgres);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}

/// <summary>A store with rows and blobs of its own.</summary>
public sealed class TestStore : IDisposable
{
    private readonly PostgresSchema? schema;
    private readonly string root = Path.Combine(Path.GetTempPath(), $"bet-store-{Guid.NewGuid():N}");

    public TestStore(RowPlace rows)
    {
        schema = rows == RowPlace.Postgres ? new PostgresSchema() : null;
        Folder = new DataFolder(root, isShared: schema is not null);
        Blobs = new DirectoryBlobStore(Folder.Blobs, Folder.Temporary);
        Store = new SearchStore(NewDatabase(), Blobs);
    }

    public DataFolder Folder { get; }

    public DirectoryBlobStore Blobs { get; }

    public SearchStore Store { get; }

    /// <summary>The same rows, as another process sees them.</summary>
    public Database NewDatabase() => schema is null
        ? new SqliteDatabase(Folder.DatabaseFile)
        : new PostgresDatabase(schema.Connection, TimeSpan.FromSeconds(10));

    public void Dispose()
    {
        Folder.Dispose();
        schema?.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(root, recursive: true);
    }
}
