using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace Bet.Bench.Cluster;

/// <summary>What came of a round.</summary>
/// <param name="Seed">Of the disturbances.</param>
/// <param name="Kills">Workers killed.</param>
/// <param name="Leaves">Workers asked to end.</param>
/// <param name="Freezes">Workers stopped for longer than their lease, and let go on.</param>
/// <param name="Seconds">From the first search to the end of the last one.</param>
/// <param name="SlowestLeave">Seconds that a worker took to end when asked.</param>
/// <param name="Faults">What was wrong; empty where all was as it should be.</param>
public sealed record ChaosResult(
    int Seed, int Kills, int Leaves, int Freezes, double Seconds, double SlowestLeave, IReadOnlyList<string> Faults);

/// <summary>
/// Workers of one PostgreSQL are killed, asked to end and frozen, again and again, while they work on several searches;
/// every search must end with the artifacts of an undisturbed run, each step's result written once.
/// </summary>
/// <param name="postgres">How a server is reached, as Npgsql reads it.</param>
/// <param name="workers">Processes that work.</param>
/// <param name="searches">Searches at once, each with a seed of its own.</param>
public sealed class ChaosRound(string postgres, int workers, int searches)
{
    private const double LeaseSeconds = 2;
    private static readonly TimeSpan LongestRound = TimeSpan.FromMinutes(10);

    private static readonly string[] Common =
    [
        "--threads", "1", $"--Bet:LeaseSeconds={LeaseSeconds}", "--Bet:StepAttempts=1000", "--Bet:CheckpointSeconds=0.2",
    ];

    private List<string>[]? undisturbed;

    public async Task<ChaosResult> Run(int seed)
    {
        undisturbed ??= await RunUndisturbed();
        string schema = $"chaos_{Guid.NewGuid():N}", folder = Directory.CreateTempSubdirectory("bet-chaos-").FullName;
        await Execute($"create schema {schema}");
        var nodes = new ServerNode?[workers];
        try
        {
            string connection = new NpgsqlConnectionStringBuilder(postgres) { SearchPath = schema, MaxPoolSize = 10 }.ToString();
            string[] args = ["--postgres", connection, "--data", folder, .. Common];
            await using var api = await ServerNode.Start(["--role", "api", .. args]);
            Task<ServerNode> StartWorker() => ServerNode.Start(["--role", "worker", .. args]);
            for (int i = 0; i < workers; i++)
                nodes[i] = await StartWorker();

            var clock = Stopwatch.StartNew();
            string[] ids = await Begin(api);
            var (kills, leaves, freezes, slowest) = (0, 0, 0, TimeSpan.Zero);
            var random = new Random(seed);
            while (!await AllEnded(api, ids) && clock.Elapsed < LongestRound)
            {
                await Task.Delay(TimeSpan.FromSeconds(0.2 + (random.NextDouble() * 2)));
                int victim = random.Next(workers);
                var node = nodes[victim]!;
                switch (random.Next(3))
                {
                    case 0:
                        node.Kill();
                        kills++;
                        break;
                    case 1:
                        var took = await node.Leave();
                        slowest = took > slowest ? took : slowest;
                        leaves++;
                        break;
                    default:
                        node.Freeze();
                        await Task.Delay(TimeSpan.FromSeconds(LeaseSeconds * (1.2 + random.NextDouble())));
                        node.Thaw();
                        freezes++;
                        continue;
                }

                await node.DisposeAsync();
                nodes[victim] = await StartWorker();
            }

            double seconds = clock.Elapsed.TotalSeconds;
            var faults = new List<string>();
            for (int i = 0; i < searches; i++)
                faults.AddRange(await FaultsOf(api, ids[i], undisturbed[i]));
            return new ChaosResult(seed, kills, leaves, freezes, Math.Round(seconds, 1), Math.Round(slowest.TotalSeconds, 2), faults);
        }
        finally
        {
            foreach (var node in nodes.OfType<ServerNode>())
                await node.DisposeAsync();
            await Execute($"drop schema {schema} cascade");
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<List<string>[]> RunUndisturbed()
    {
        string folder = Directory.CreateTempSubdirectory("bet-calm-").FullName;
        try
        {
            await using var server = await ServerNode.Start(["--data", folder, .. Common]);
            string[] ids = await Begin(server);
            while (!await AllEnded(server, ids))
                await Task.Delay(200);
            return [.. await Task.WhenAll(ids.Select(id => Artifacts(server, id)))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<string[]> Begin(ServerNode server)
    {
        await server.Post("/v1/datasets/example");
        var ids = new List<string>();
        for (int seed = 1; seed <= searches; seed++)
        {
            var search = await server.Post("/v1/searches", new
            {
                dataset = "example",
                backbone = seed % 2 == 0 ? "mf" : "lightgcn",
                budget = new { sparsity = 0.7 },
                effort = "quick",
                seed,
                maximumSize = 16,
                layers = 2,
                trials = 6,
                parallelTrials = 3,
                candidates = 50,
                retrained = 2,
                refit = true,
                pretrainEpochs = 6,
                fineTuneEpochs = 1,
                retrainEpochs = 4,
                batchSize = 512,
            });
            ids.Add(search.GetProperty("id").GetString()!);
        }

        return [.. ids];
    }

    private static async Task<bool> AllEnded(ServerNode server, string[] ids)
    {
        foreach (string id in ids)
        {
            if ((await server.Get($"/v1/searches/{id}")).GetProperty("finishedAt").ValueKind == JsonValueKind.Null)
                return false;
        }

        return true;
    }

    private static async Task<List<string>> Artifacts(ServerNode server, string id) =>
        [.. (await server.Get($"/v1/searches/{id}/artifacts")).EnumerateArray()
            .Select(file => $"{file.GetProperty("name").GetString()} {file.GetProperty("sha256").GetString()}")];

    private static async Task<List<string>> FaultsOf(ServerNode server, string id, List<string> expected)
    {
        var faults = new List<string>();
        var search = await server.Get($"/v1/searches/{id}");
        string state = search.GetProperty("state").GetString()!;
        if (state != "succeeded")
            return [$"{id} is {state}: {search.GetProperty("error")}"];
        if (!expected.SequenceEqual(await Artifacts(server, id)))
            faults.Add($"{id} has other artifacts than without disturbances");
        JsonElement[] events = [.. (await server.Get($"/v1/searches/{id}/events?limit=1000")).EnumerateArray()];
        string[] steps = [.. events.Where(e => e.GetProperty("type").GetString() == "step")
            .Select(e => e.GetProperty("data").GetProperty("step").GetString()!)];
        if (steps.Length != steps.Distinct().Count())
            faults.Add($"{id} has a step that ended twice: {string.Join(' ', steps)}");
        if (steps.Length + 1 != search.GetProperty("progress").GetProperty("steps").GetInt32())
            faults.Add($"{id} has ended {steps.Length} steps");
        if (events.Count(e => e.GetProperty("type").GetString() == "succeeded") != 1)
            faults.Add($"{id} has not ended just once");
        return faults;
    }

    private async Task Execute(string sql)
    {
        await using var connection = new NpgsqlConnection(postgres);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
