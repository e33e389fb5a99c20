using System.Text.Json;

namespace Bet.Bench.Cluster;

/// <summary>Small searches of several kinds, and what they must come to whatever happens to those who work on them.</summary>
/// <param name="count">How many, each with a seed of its own.</param>
public sealed class ReferenceSearches(int count)
{
    /// <summary>What every node is started with: little leases and checkpoints, so that a round meets many of both.</summary>
    public static string[] Arguments { get; } =
    [
        "--threads", "1", $"--Bet:LeaseSeconds={LeaseSeconds}", "--Bet:StepAttempts=1000", "--Bet:CheckpointSeconds=0.2",
    ];

    /// <summary>Of the nodes' leases.</summary>
    public const double LeaseSeconds = 2;

    private List<string>[]? undisturbed;

    /// <summary>Starts the searches on a server; their ids.</summary>
    public async Task<string[]> Begin(ServerNode server)
    {
        await server.Post("/v1/datasets/example");
        var ids = new List<string>();
        for (int seed = 1; seed <= count; seed++)
        {
            var search = await server.Post("/v1/searches", new
            {
                dataset = "example",
                backbone = seed % 2 == 0 ? "mf" : "lightgcn",
                budget = new { sparsity = 0.7 },
                effort = "quick",
                seed,
                maximumSize = 16,
                layers = seed % 2 == 0 ? (int?)null : 2,
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

    /// <summary>Whether all of them have ended, well or not.</summary>
    public static async Task<bool> AllEnded(ServerNode server, string[] ids)
    {
        foreach (string id in ids)
        {
            if ((await server.Get($"/v1/searches/{id}")).GetProperty("finishedAt").ValueKind == JsonValueKind.Null)
                return false;
        }

        return true;
    }

    /// <summary>What is wrong with searches that have ended; empty where all is as without disturbances.</summary>
    public async Task<IReadOnlyList<string>> Faults(ServerNode server, string[] ids)
    {
        undisturbed ??= await RunUndisturbed();
        var faults = new List<string>();
        for (int i = 0; i < ids.Length; i++)
            faults.AddRange(await FaultsOf(server, ids[i], undisturbed[i]));
        return faults;
    }

    private async Task<List<string>[]> RunUndisturbed()
    {
        string folder = Directory.CreateTempSubdirectory("bet-calm-").FullName;
        try
        {
            await using var server = await ServerNode.Start(["--data", folder, .. Arguments]);
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
}
