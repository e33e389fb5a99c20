using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Bet.Jobs.Storage;

/// <summary>Our own tables in one file with a write-ahead log, for one process.</summary>
public sealed class SqliteDatabase : Database
{
    private readonly string connectionString;

    static SqliteDatabase() => SQLitePCL.Batteries_V2.Init();

    /// <summary>Opens or creates the file, and brings its tables up to date.</summary>
    public SqliteDatabase(string path)
        : base(TimeSpan.Zero)
    {
        connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            ForeignKeys = true,
            DefaultTimeout = 30,
        }.ToString();
        Read(connection => connection.Execute("pragma journal_mode = wal"));
        Migrate();
    }

    public override string Clock => "cast((julianday('now') - 2440587.5) * 86400000 as integer)";

    /// <summary>A file is there or it is not: waiting would not help.</summary>
    public override Database WithPatience(TimeSpan longer) => this;

    protected override DbConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        // With a write-ahead log a killed process loses nothing; after a power cut the last steps may be run again.
        connection.Execute("pragma synchronous = normal");
        return connection;
    }

    /// <summary>A transaction takes the file's only write lock when it begins.</summary>
    protected override void Lock(DbConnection connection, DbTransaction transaction, string name)
    {
    }

    protected override bool IsPassing(DbException error) => false;
}
