using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

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

    public static TheoryData<string[], string> WrongSwitches => new()
    {
        { ["--dta", "/x"], "--dta was given; there are --urls, --data" },
        { ["--port", "5989"], "--port was given; there are --urls, --data" },
        { ["serve"], "serve was given; there are --urls" },
        { ["--data"], "--data was given without a value: --data FOLDER" },
        { ["--slots", "abc"], "--slots abc was given; a whole number is expected" },
        { ["--Bet:LeaseSeconds=long"], "Bet:LeaseSeconds long was given; a number is expected" },
        { ["--urls", "127.0.0.1:5989"], "--urls 127.0.0.1:5989 was given; an address is http://HOST:PORT" },
        { ["--urls", "http://127.0.0.1:70000"], "an address is http://HOST:PORT" },
        { ["--queues", ","], "--queues , was given; queues have names" },
        { ["--queues", "a queue"], "--queues a queue was given; queues have names" },
    };

    [Theory]
    [MemberData(nameof(WrongSwitches))]
    public async Task A_wrong_switch_is_refused_in_a_line(string[] args, string message)
    {
        var (exitCode, error) = await ServerProcess.RunToEnd(args);
        Assert.Equal(2, exitCode);
        Assert.Contains(message, Assert.Single(error.TrimEnd().Split('\n')));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_in_a_line()
    {
        await using var server = await ServerProcess.Start();
        string address = server.Client.BaseAddress!.ToString().TrimEnd('/');
        string folder = ServerProcess.NewFolder();
        var (exitCode, error, output) = await ServerProcess.Run("--urls", address, "--data", folder);
        Directory.Delete(folder, recursive: true);
        Assert.Equal(2, exitCode);
        Assert.StartsWith($"{address} cannot be served", Assert.Single(error.TrimEnd().Split('\n')));
        Assert.DoesNotContain("Exception", output);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Help_lists_the_switches(string arg)
    {
        var (exitCode, error, output) = await ServerProcess.Run(arg);
        Assert.Equal(0, exitCode);
        Assert.Empty(error);
        foreach (string known in new[] { "--urls", "--data", "--postgres", "--role", "--slots", "--threads", "--queues", "--insecure" })
            Assert.Contains($"  {known} ", output);
    }

    [Fact]
    public async Task Settings_of_the_host_are_left_to_it()
    {
        await using var server = await ServerProcess.Start(
            null, "--environment", "Development", "--Logging:LogLevel:Default=Debug", "Bet:Slots=2", "--queues", "a, b", "--insecure");
        var worker = Assert.Single((await server.GetJson("/v1/workers")).EnumerateArray());
        Assert.Equal(2, worker.GetProperty("slots").GetInt32());
        Assert.Equal(["a", "b"], worker.GetProperty("queues").EnumerateArray().Select(queue => queue.GetString()));
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
        string id = (await uploaded.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        using var made = await server.Client.PostAsync("/v1/datasets/example", null);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var clicks = await server.Client.PostAsync("/v1/datasets/example-clicks", null);
        Assert.Equal(HttpStatusCode.Created, clicks.StatusCode);
        foreach (var example in Body(paths, "/v1/searches", "application/json").GetProperty("examples").EnumerateObject())
        {
            var request = example.Value.GetProperty("value");
            using var started = await server.PostJson("/v1/searches", request);
            Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
            if (request.GetProperty("dataset").GetString() != "example")
                continue;
            var ofUploaded = JsonObject.Create(request)!;
            ofUploaded["dataset"] = id;
            using var other = await server.PostJson("/v1/searches", ofUploaded);
            Assert.True(other.StatusCode == HttpStatusCode.Accepted, await other.Content.ReadAsStringAsync());
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
