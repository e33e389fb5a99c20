using System.Diagnostics;
using System.Text.Json;
using Bet.Bench.Cluster;
using Npgsql;

namespace Bet.Tests.Jobs;

/// <summary>The backup of docs/operations.md, made in the middle of a search and put back.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("bet-backup-").FullName;
    private readonly string database = $"backup_{Guid.NewGuid():N}";

    private string Blobs => Path.Combine(root, "blobs");

    private string Connection => new NpgsqlConnectionStringBuilder(Databases.Postgres) { Database = database }.ToString();

    public void Dispose()
    {
        if (Databases.Postgres is not null)
            Execute($"drop database if exists {database} with (force)");
        Directory.Delete(root, recursive: true);
    }

    [PostgresFact]
    public async Task A_search_goes_on_from_a_backup_to_the_same_artifacts()
    {
        Execute($"create database {database}");
        string self, dump = Path.Combine(root, "dump.sql"), copy = Path.Combine(root, "copy");
        JsonElement whole;
        await using (var api = await Start("api"))
        {
            var worker = await Start("worker");
            await api.Post("/v1/datasets/example");
            self = (await api.Post("/v1/searches", Search)).GetProperty("links").GetProperty("self").GetString()!;
            await Until(api, self, search => search.GetProperty("progress").GetProperty("stepsDone").GetInt32() >= 3);
            await worker.Leave();
            await worker.DisposeAsync();
            Assert.Equal("running", State(await api.Get(self)));
            Run("pg_dump", "--file", dump);
            Run("cp", "-r", Blobs, copy);

            await using var next = await Start("worker");
            await Until(api, self, search => State(search) == "succeeded");
            whole = await api.Get($"{self}/artifacts");
        }

        NpgsqlConnection.ClearAllPools();
        Execute($"drop database {database} with (force)");
        Directory.Delete(Blobs, recursive: true);

        Execute($"create database {database}");
        Run("psql", "--quiet", "--set", "ON_ERROR_STOP=1", "--output", "/dev/null", "--file", dump);
        Directory.Move(copy, Blobs);
        await using var restored = await Start("all");
        Assert.Contains(State(await restored.Get(self)), (string[])["running", "succeeded"]);
        await Until(restored, self, search => State(search) == "succeeded");
        Assert.NotEmpty(whole.EnumerateArray());
        Assert.Equal(whole.GetRawText(), (await restored.Get($"{self}/artifacts")).GetRawText());
        await restored.Get($"{self}/artifacts/metrics.json");
    }

    private static object Search => new
    {
        dataset = "example",
        backbone = "mf",
        budget = new { sparsity = 0.7 },
        effort = "quick",
        maximumSize = 16,
        trials = 30,
        pretrainEpochs = 4,
        fineTuneEpochs = 1,
        retrainEpochs = 4,
    };

    private Task<ServerNode> Start(string role) =>
        ServerNode.Start("--role", role, "--postgres", Connection, "--data", Blobs, "--threads", "1");

    private static string State(JsonElement search) => search.GetProperty("state").GetString()!;

    private static async Task Until(ServerNode server, string path, Func<JsonElement, bool> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!holds(await server.Get(path)))
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(1))
                throw new TimeoutException($"{path}: {await server.Get(path)}\n{server.Output}");
            await Task.Delay(50);
        }
    }

    /// <summary>A program that finds the database as libpq's programs do, by their environment.</summary>
    private void Run(string program, params string[] args)
    {
        var server = new NpgsqlConnectionStringBuilder(Connection);
        var start = new ProcessStartInfo(program, args) { RedirectStandardError = true };
        start.Environment["PGHOST"] = server.Host;
        start.Environment["PGPORT"] = server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        start.Environment["PGUSER"] = server.Username;
        start.Environment["PGDATABASE"] = database;
        using var process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {error}");
    }

    private static void Execute(string sql)
    {
        using var connection = new NpgsqlConnection(Databases.Postgres);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
