using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;

namespace Bet.Jobs.Storage;

/// <summary>Our own tables in PostgreSQL 15 or later, for any number of processes.</summary>
public sealed class PostgresDatabase : Database
{
    private readonly NpgsqlDataSource source;

    /// <summary>Brings the tables up to date, whoever else starts at the same time.</summary>
    /// <param name="connectionString">As Npgsql reads it: "Host=...;Database=...;Username=...".</param>
    /// <param name="patience">How long the first connection may take.</param>
    public PostgresDatabase(string connectionString, TimeSpan patience)
        : this(NpgsqlDataSource.Create(connectionString), patience)
    {
        Migrate();
    }

    private PostgresDatabase(NpgsqlDataSource source, TimeSpan patience)
        : base(patience) => this.source = source;

    public override string Clock => "cast(extract(epoch from clock_timestamp()) * 1000 as bigint)";

    public override Database WithPatience(TimeSpan longer) => new PostgresDatabase(source, longer);

    protected override DbConnection Open() => source.OpenConnection();

    protected override void Lock(DbConnection connection, DbTransaction transaction, string name) =>
        connection.Execute("select pg_advisory_xact_lock(@key)", new { key = KeyOf(name) }, transaction);

    /// <summary>No connection, a server that starts or stops, a deadlock.</summary>
    protected override bool IsPassing(DbException error) =>
        error.IsTransient || error is NpgsqlException { InnerException: IOException or System.Net.Sockets.SocketException or TimeoutException }
        || error.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow;

    private static long KeyOf(string name) =>
        BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
}
