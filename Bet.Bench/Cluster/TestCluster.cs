using Npgsql;

namespace Bet.Bench.Cluster;

/// <summary>A schema of its own on a PostgreSQL server and a folder for blobs; both go with it, and all nodes that were started.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly string server;
    private readonly string schema = $"cluster_{Guid.NewGuid():N}";
    private readonly string[] args;
    private readonly List<ServerNode> nodes = [];

    private TestCluster(string server, string[] args)
    {
        this.server = server;
        Folder = Directory.CreateTempSubdirectory("bet-cluster-").FullName;
        Connection = new NpgsqlConnectionStringBuilder(server) { SearchPath = schema, MaxPoolSize = 10 }.ToString();
        this.args = ["--postgres", Connection, "--data", Folder, .. args];
    }

    /// <summary>How the schema is reached.</summary>
    public string Connection { get; }

    /// <summary>Where the blobs are.</summary>
    public string Folder { get; }

    /// <summary>How the server that tests may use is reached, as Npgsql reads it.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static string Server => Environment.GetEnvironmentVariable("BET_TEST_POSTGRES") is { Length: > 0 } given
        ? given
        : throw new UsageException("no PostgreSQL: run bench/with-postgres.sh in front of the command, or set BET_TEST_POSTGRES");

    /// <param name="server">As Npgsql reads it.</param>
    /// <param name="args">What every node is started with.</param>
    public static async Task<TestCluster> Create(string server, params string[] args)
    {
        var cluster = new TestCluster(server, args);
        await cluster.Execute($"create schema {cluster.schema}");
        return cluster;
    }

    public async Task<ServerNode> StartNode(params string[] more)
    {
        var node = await ServerNode.Start([.. more, .. args]);
        nodes.Add(node);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        await Execute($"drop schema {schema} cascade");
        Directory.Delete(Folder, recursive: true);
    }

    private async Task Execute(string sql)
    {
        // The server may have been away since: no connection of before is used.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
