using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Bet.Tests.Api;

/// <summary>What a server insists on before it serves, and what it serves without a search.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task Other_machines_are_not_served_without_keys()
    {
        var (exitCode, error) = await ServerProcess.RunToEnd("--urls", "http://0.0.0.0:0", "--data", ServerProcess.NewFolder());
        Assert.Equal(2, exitCode);
        Assert.Contains("--insecure", error);
        Assert.Contains("Bet:ApiKeys", error);
    }

    [Fact]
    public async Task A_data_folder_has_one_server()
    {
        await using var server = await ServerProcess.Start();
        var (exitCode, error) = await ServerProcess.RunToEnd("--urls", "http://127.0.0.1:0", "--data", server.Folder);
        Assert.Equal(2, exitCode);
        Assert.Contains("another server", error);
    }

    [Fact]
    public async Task Keys_open_the_service_and_nothing_else_does()
    {
        await using var server = await ServerProcess.Start(null, "--Bet:ApiKeys:0=first-key", "--Bet:ApiKeys:1=second-key");
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(server, "/v1/searches", _ => { }));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(server, "/v1/searches", r => r.Headers.Add("X-Api-Key", "first-kez")));
        Assert.Equal(HttpStatusCode.OK, await Status(server, "/v1/searches", r => r.Headers.Add("X-Api-Key", "first-key")));
        Assert.Equal(HttpStatusCode.OK, await Status(
            server, "/v1/searches", r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "second-key")));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(server, "/metrics", _ => { }));
        Assert.Equal(HttpStatusCode.OK, await Status(server, "/health/live", _ => { }));
        Assert.Equal(HttpStatusCode.OK, await Status(server, "/", _ => { }));
    }

    [Fact]
    public async Task The_server_says_how_it_is()
    {
        await using var server = await ServerProcess.Start();
        Assert.Contains("/swagger", await server.Client.GetStringAsync("/"));
        Assert.Contains("swagger-ui", await server.Client.GetStringAsync("/swagger/index.html"));
        Assert.True((await server.GetJson("/health/ready")).GetProperty("ready").GetBoolean());
        string metrics = await server.Client.GetStringAsync("/metrics");
        Assert.Contains("bet_searches{state=\"queued\"} 0\n", metrics);
        Assert.Contains("bet_http_requests_total{method=\"GET\",status=\"200\"} ", metrics);
    }

    [Fact]
    public async Task The_contract_is_the_committed_one()
    {
        await using var server = await ServerProcess.Start();
        string served = await server.Client.GetStringAsync("/swagger/v1/swagger.json");
        string path = Path.Combine(Repository(), "openapi", "bet.v1.json");
        if (Environment.GetEnvironmentVariable("BET_UPDATE_OPENAPI") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, served.TrimEnd() + "\n");
        }

        string committed = await File.ReadAllTextAsync(path);
        Assert.True(
            JsonElement.DeepEquals(JsonElement.Parse(committed), JsonElement.Parse(served)),
            "openapi/bet.v1.json is not what the server serves; if the change is meant, run this test with BET_UPDATE_OPENAPI=1");
    }

    [Fact]
    public async Task The_contracts_examples_can_be_sent_as_they_stand()
    {
        await using var server = await ServerProcess.Start();
        var paths = (await server.GetJson("/swagger/v1/swagger.json")).GetProperty("paths");
        string interactions = Body(paths, "/v1/datasets", "text/plain").GetProperty("example").GetString()!;
        using var uploaded = await server.Upload(interactions);
        Assert.Equal(HttpStatusCode.Created, uploaded.StatusCode);
        using var made = await server.Client.PostAsync("/v1/datasets/example", null);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var clicks = await server.Client.PostAsync("/v1/datasets/example-clicks", null);
        Assert.Equal(HttpStatusCode.Created, clicks.StatusCode);
        foreach (var example in Body(paths, "/v1/searches", "application/json").GetProperty("examples").EnumerateObject())
        {
            using var started = await server.PostJson("/v1/searches", example.Value.GetProperty("value"));
            Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        }
    }

    private static JsonElement Body(JsonElement paths, string path, string type) => paths
        .GetProperty(path).GetProperty("post").GetProperty("requestBody").GetProperty("content").GetProperty(type);

    private static async Task<HttpStatusCode> Status(ServerProcess server, string path, Action<HttpRequestMessage> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        change(request);
        using var response = await server.Client.SendAsync(request);
        return response.StatusCode;
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Bet.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("no folder above the tests holds Bet.sln");
    }
}
