using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Bet.Tests.Api;

/// <summary>A server killed at any moment goes on where it stood, and the bytes come out the same.</summary>
public sealed class KillTests
{
    private const int Kills = 10;

    /// <summary>Ten kills may well meet the same step more often than a server should put up with in earnest.</summary>
    private const string ManyAttempts = "--Bet:StepAttempts=100";

    [Fact]
    public async Task Ten_kills_do_not_change_a_byte()
    {
        var (undisturbed, duration) = await Undisturbed();
        string folder = ServerProcess.NewFolder();
        var random = new Random(11);
        try
        {
            string? id = null;
            int interrupted = 0;
            for (int kill = 0; kill < Kills; kill++)
            {
                await using var server = await ServerProcess.Start(folder, ManyAttempts);
                id ??= await Begin(server);
                await Task.Delay(duration * (random.NextDouble() / 6));
                interrupted += await IsFinished(server, id) ? 0 : 1;
                server.Kill();
            }

            Assert.True(interrupted >= 3, $"only {interrupted} kills met a search that was still running");
            await using var last = await ServerProcess.Start(folder, ManyAttempts);
            var search = await last.WaitForEnd(id!);
            Assert.True(search.GetProperty("state").GetString() == "succeeded", search.ToString());
            Assert.Equal(undisturbed, await Artifacts(last, id!));
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(folder, "tmp")));
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(List<string> Artifacts, TimeSpan Duration)> Undisturbed()
    {
        await using var server = await ServerProcess.Start();
        string id = await Begin(server);
        var clock = Stopwatch.StartNew();
        var search = await server.WaitForEnd(id);
        Assert.True(search.GetProperty("state").GetString() == "succeeded", search.ToString());
        return (await Artifacts(server, id), clock.Elapsed);
    }

    private static async Task<string> Begin(ServerProcess server)
    {
        (await server.Client.PostAsync("/v1/datasets/example", null)).EnsureSuccessStatusCode();
        using var response = await server.PostJson("/v1/searches", ServerFixture.SmallSearch(("trials", 6), ("retrained", 2)));
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    private static async Task<bool> IsFinished(ServerProcess server, string id) =>
        (await server.GetJson($"/v1/searches/{id}")).GetProperty("finishedAt").ValueKind != JsonValueKind.Null;

    private static async Task<List<string>> Artifacts(ServerProcess server, string id) =>
        (await server.GetJson($"/v1/searches/{id}/artifacts")).EnumerateArray()
            .Select(a => $"{a.GetProperty("name").GetString()} {a.GetProperty("sha256").GetString()}")
            .ToList();
}
