using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace Bet.Tests.Api;

/// <summary>Searches over real HTTP, from the data to the bundle.</summary>
public sealed class SearchTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private ServerProcess Server => fixture.Server;

    [Fact]
    public async Task A_search_goes_from_a_request_to_a_bundle()
    {
        using var created = await Server.PostJson("/v1/searches", ServerFixture.SmallSearch(("label", "whole way")));
        Assert.Equal(HttpStatusCode.Accepted, created.StatusCode);
        Assert.NotNull(created.Headers.RetryAfter);
        string id = await IdOf(created);
        Assert.Equal($"/v1/searches/{id}", created.Headers.Location!.ToString());

        var search = await Server.WaitForEnd(id);
        Assert.Equal("succeeded", search.GetProperty("state").GetString());
        Assert.Equal(1, search.GetProperty("progress").GetProperty("fraction").GetDouble());
        Assert.Equal(["full", "uniform", "bet-plus"], search.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        Assert.Equal(3, (await Server.GetJson($"/v1/searches/{id}/trials")).GetArrayLength());

        var artifacts = await Server.GetJson($"/v1/searches/{id}/artifacts");
        Assert.NotEmpty(artifacts.EnumerateArray());
        foreach (var artifact in artifacts.EnumerateArray())
        {
            byte[] content = await Server.Client.GetByteArrayAsync(artifact.GetProperty("url").GetString());
            Assert.Equal(artifact.GetProperty("bytes").GetInt64(), content.Length);
            Assert.Equal(artifact.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(content)));
        }

        using var download = await Server.Client.GetAsync($"/v1/searches/{id}/bundle", HttpCompletionOption.ResponseHeadersRead);
        // While it is being sent, too: whatever ends the server then, nothing is left.
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Server.Folder, "tmp")));
        byte[] bundle = await download.Content.ReadAsByteArrayAsync();
        using var zip = new ZipArchive(new MemoryStream(bundle));
        Assert.Equal(
            artifacts.EnumerateArray().Select(a => a.GetProperty("name").GetString()!).Order(),
            zip.Entries.Select(e => e.FullName).Order());

        var listed = await Server.GetJson("/v1/searches?label=whole%20way&state=succeeded");
        var summary = Assert.Single(listed.GetProperty("items").EnumerateArray());
        var whole = await Server.GetJson(summary.GetProperty("self").GetString()!);
        Assert.Equal(id, summary.GetProperty("id").GetString());
        foreach (string same in new[] { "state", "progress", "best", "createdAt", "startedAt", "finishedAt", "queue", "priority" })
            Assert.True(JsonElement.DeepEquals(whole.GetProperty(same), summary.GetProperty(same)), same);
        Assert.True(JsonElement.DeepEquals(whole.GetProperty("budget").GetProperty("asked"), summary.GetProperty("budget")));
        Assert.Equal(whole.GetProperty("options").GetProperty("method").GetString(), summary.GetProperty("method").GetString());
        await CheckHistory(id);
        await CheckDownload(id);
        await CheckConditional(id);
    }

    private async Task CheckHistory(string id)
    {
        var events = (await Server.GetJson($"/v1/searches/{id}/events")).EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(e => e.GetProperty("number").GetInt32()));
        Assert.Equal("queued", events[0].GetProperty("type").GetString());
        Assert.Equal("succeeded", events[^1].GetProperty("type").GetString());

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/searches/{id}/events");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.Add("Last-Event-ID", $"{events.Count - 1}");
        using var response = await Server.Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.StartsWith($"id: {events.Count}\nevent: succeeded\ndata: {{", text);
    }

    private async Task CheckDownload(string id)
    {
        string url = $"/v1/searches/{id}/artifacts/manifest.json";
        byte[] whole = await Server.Client.GetByteArrayAsync(url);
        using var head = await Server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
        Assert.Equal(whole.Length, head.Content.Headers.ContentLength);
        Assert.Equal($"sha-256=:{Convert.ToBase64String(SHA256.HashData(whole))}:", head.Headers.GetValues("Repr-Digest").Single());
        using var part = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(2, 5) } };
        part.Headers.IfRange = new RangeConditionHeaderValue(head.Headers.ETag!);
        using var partial = await Server.Client.SendAsync(part);
        Assert.Equal(HttpStatusCode.PartialContent, partial.StatusCode);
        Assert.Equal(whole[2..6], await partial.Content.ReadAsByteArrayAsync());
    }

    private async Task CheckConditional(string id)
    {
        using var first = await Server.Client.GetAsync($"/v1/searches/{id}");
        using var again = new HttpRequestMessage(HttpMethod.Get, $"/v1/searches/{id}");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await Server.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_key_makes_repeated_requests_one_search()
    {
        var body = ServerFixture.SmallSearch(("label", "once"));
        using var first = await Server.PostJson("/v1/searches", body, "key-1");
        using var second = await Server.PostJson("/v1/searches", body, "key-1");
        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        string id = await IdOf(first);
        Assert.Equal(id, await IdOf(second));
        using var other = await Server.PostJson("/v1/searches", ServerFixture.SmallSearch(("label", "twice")), "key-1");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        var listed = await Server.GetJson("/v1/searches?label=once");
        Assert.Single(listed.GetProperty("items").EnumerateArray());
        await Server.WaitForEnd(id);
    }

    [Fact]
    public async Task Validate_only_answers_the_plan_and_queues_nothing()
    {
        using var response = await Server.PostJson(
            "/v1/searches", ServerFixture.SmallSearch(("validateOnly", true), ("label", "never")));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var plan = await response.Content.ReadFromJsonAsync<JsonElement>();
        var budget = plan.GetProperty("budget");
        Assert.True(budget.GetProperty("maximumBytes").GetInt64() <= 0.3 * budget.GetProperty("fullBytes").GetInt64());
        Assert.Equal(16, plan.GetProperty("options").GetProperty("maximumSize").GetInt32());
        Assert.Equal(0, (await Server.GetJson("/v1/searches?label=never")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_cancelled_search_keeps_the_best_so_far_and_its_data_set_until_then()
    {
        using var created = await Server.PostJson(
            "/v1/searches", ServerFixture.SmallSearch(("trials", 900), ("candidates", 2), ("pretrainEpochs", 1)));
        string id = await IdOf(created);
        while ((await Server.GetJson($"/v1/searches/{id}/trials")).GetArrayLength() == 0)
            await Task.Delay(50);
        using var refused = await Server.Client.DeleteAsync("/v1/datasets/example");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        using var cancelled = await Server.Client.PostAsync($"/v1/searches/{id}/cancel", null);
        Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        var search = await Server.WaitForEnd(id);
        Assert.Equal("cancelled", search.GetProperty("state").GetString());
        Assert.True((await Server.GetJson($"/v1/searches/{id}/artifacts")).GetArrayLength() > 0);
        using var again = await Server.Client.PostAsync($"/v1/searches/{id}/cancel", null);
        Assert.Equal("cancelled", (await again.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Lists_are_paged_newest_first()
    {
        for (int i = 0; i < 3; i++)
            (await Server.Upload($"1 {i}\n2 {i}\n", "?format=adjacency")).Dispose();
        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Server.GetJson($"/v1/datasets?limit=2&cursor={cursor}");
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(d => d.GetProperty("id").GetString()!));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        Assert.Equal(4, ids.Count);
        Assert.Equal(4, ids.Distinct().Count());
        Assert.Equal("example", ids[^1]);
    }

    private static async Task<string> IdOf(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
}
