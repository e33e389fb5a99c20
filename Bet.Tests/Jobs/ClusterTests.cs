using System.Text.Json;
using Bet.Bench.Cluster;

namespace Bet.Tests.Jobs;

/// <summary>Processes of their own on one PostgreSQL and one folder of blobs.</summary>
public sealed class ClusterTests
{
    [PostgresFact]
    public async Task Workers_that_are_killed_frozen_or_asked_to_end_change_no_byte()
    {
        var result = await new ChaosRound(Databases.Postgres!, workers: 2, searches: 2).Run(seed: 3);
        Assert.Empty(result.Faults);
        Assert.True(result.Kills + result.Leaves + result.Freezes > 0);
    }

    [PostgresFact]
    public async Task A_search_is_paused_resumed_and_cancelled_from_a_process_that_does_not_work_on_it()
    {
        using var schema = new PostgresSchema();
        string folder = Directory.CreateTempSubdirectory("bet-cluster-").FullName;
        string[] args = ["--postgres", schema.Connection, "--data", folder, "--threads", "1"];
        try
        {
            await using var api = await ServerNode.Start(["--role", "api", .. args]);
            Assert.Equal(0, (await api.Get("/health/ready")).GetProperty("workers").GetInt32());
            await using var worker = await ServerNode.Start(["--role", "worker", .. args]);
            await api.Post("/v1/datasets/example");
            var search = await api.Post("/v1/searches", new
            {
                dataset = "example",
                backbone = "mf",
                budget = new { sparsity = 0.7 },
                effort = "quick",
                maximumSize = 16,
                trials = 500,
                pretrainEpochs = 4,
            });
            string self = search.GetProperty("links").GetProperty("self").GetString()!;
            await Until(api, self, s => s.GetProperty("best").ValueKind == JsonValueKind.Object);
            var listed = (await api.Get("/v1/workers")).EnumerateArray().Single();
            Assert.Equal("default", listed.GetProperty("queues")[0].GetString());

            Assert.Equal("paused", State(await api.Post($"{self}/pause")));
            await Until(api, "/v1/workers", workers => workers[0].GetProperty("steps").GetArrayLength() == 0);
            int done = StepsDone(await api.Get(self));
            await Task.Delay(1500);
            Assert.Equal(done, StepsDone(await api.Get(self)));

            await api.Post($"{self}/resume");
            await Until(api, self, s => StepsDone(s) > done);
            await api.Post($"{self}/cancel");
            await Until(api, self, s => State(s) == "cancelled");
            Assert.NotEmpty((await api.Get($"{self}/artifacts")).EnumerateArray());
            // A worker answers for itself alone.
            await Assert.ThrowsAsync<HttpRequestException>(() => worker.Get(self));
            Assert.True((await worker.Get("/health/ready")).GetProperty("ready").GetBoolean());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string State(JsonElement search) => search.GetProperty("state").GetString()!;

    private static int StepsDone(JsonElement search) => search.GetProperty("progress").GetProperty("stepsDone").GetInt32();

    private static async Task Until(ServerNode server, string path, Func<JsonElement, bool> holds)
    {
        for (int i = 0; i < 600; i++)
        {
            if (holds(await server.Get(path)))
                return;
            await Task.Delay(100);
        }

        throw new TimeoutException($"{path}: {await server.Get(path)}");
    }
}
