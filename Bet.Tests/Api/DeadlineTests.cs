using System.Net.Http.Json;
using System.Text.Json;

namespace Bet.Tests.Api;

/// <summary>Searches that are kept alive by being asked for.</summary>
public sealed class DeadlineTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    /// <summary>Longer than the 10 s of its keepAlive and the 5 s between two looks at deadlines together.</summary>
    private const int WaitSeconds = 16;

    private ServerProcess Server => fixture.Server;

    [Fact]
    public async Task Who_waits_for_a_search_asks_for_it_all_the_while()
    {
        (await Server.Client.PostAsync("/v1/datasets/example", null)).Dispose();
        using var created = await Server.PostJson("/v1/searches", new { dataset = "example", budget = new { sparsity = 0.5 }, keepAlive = 10 });
        string self = created.Headers.Location!.ToString();
        (await Server.Client.PostAsync($"{self}/pause", null)).Dispose();
        using var request = new HttpRequestMessage(HttpMethod.Get, self) { Headers = { { "Prefer", $"wait={WaitSeconds}" } } };
        using var answer = await Server.Client.SendAsync(request);
        Assert.Equal("paused", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("state").GetString());
        (await Server.Client.PostAsync($"{self}/cancel", null)).Dispose();
    }

    /// <summary>Both waits are longer than the test is given.</summary>
    [Fact]
    public async Task Who_waits_for_a_search_is_answered_when_the_server_ends()
    {
        await using var server = await ServerProcess.Start();
        (await server.Client.PostAsync("/v1/datasets/example", null)).Dispose();
        using var created = await server.PostJson("/v1/searches", new { dataset = "example", budget = new { sparsity = 0.5 } });
        string self = created.Headers.Location!.ToString();
        (await server.Client.PostAsync($"{self}/pause", null)).Dispose();
        using var request = new HttpRequestMessage(HttpMethod.Get, self) { Headers = { { "Prefer", "wait=60" } } };
        var answer = server.Client.SendAsync(request);
        using var events = new HttpRequestMessage(HttpMethod.Get, $"{self}/events") { Headers = { { "Accept", "text/event-stream" } } };
        using var stream = await server.Client.SendAsync(events, HttpCompletionOption.ResponseHeadersRead);
        var told = stream.Content.ReadAsStringAsync();
        await Task.Delay(TimeSpan.FromSeconds(1));

        var limit = TimeSpan.FromSeconds(40);
        Assert.Equal(0, await server.End().WaitAsync(limit));
        using var answered = await answer.WaitAsync(limit);
        Assert.Equal("paused", (await answered.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("state").GetString());
        Assert.Contains("event: queued", await told.WaitAsync(limit));
    }
}
