using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace Bet.Tests.Api;

/// <summary>Several budgets in one request, over real HTTP.</summary>
public sealed class CurveTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private ServerProcess Server => fixture.Server;

    [Fact]
    public async Task A_curve_goes_from_a_request_to_a_bundle_a_budget()
    {
        string id = await Begin(("trials", 2), ("precision", "int8"));
        var search = await Server.WaitForEnd(id);
        Assert.True(search.GetProperty("state").GetString() == "succeeded", search.ToString());
        Assert.Equal(JsonValueKind.Null, search.GetProperty("budget").ValueKind);
        Assert.Equal(2, search.GetProperty("budgets").GetArrayLength());
        Assert.Equal("curve", search.GetProperty("progress").GetProperty("phase").GetString());
        var curve = search.GetProperty("curve");
        Assert.Equal("full", curve.GetProperty("full").GetProperty("name").GetString());
        JsonElement[] points = [.. curve.GetProperty("points").EnumerateArray()];
        Assert.Equal([1, 2], points.Select(point => point.GetProperty("result").GetProperty("point").GetInt32()));
        foreach (var (point, budget) in points.Zip(search.GetProperty("budgets").EnumerateArray()))
            await CheckPoint(point, budget.GetProperty("maximumBytes").GetInt64());

        var trials = (await Server.GetJson($"/v1/searches/{id}/trials")).EnumerateArray();
        Assert.Equal([(1, 1), (1, 2), (2, 1), (2, 2)], trials.Select(t => (t.GetProperty("point").GetInt32(), t.GetProperty("number").GetInt32())));

        var all = (await Server.GetJson($"/v1/searches/{id}/artifacts")).EnumerateArray().ToList();
        Assert.Contains(all, file => file.GetProperty("name").GetString() == "budget-2/table.safetensors");
        foreach (var file in all)
        {
            byte[] content = await Server.Client.GetByteArrayAsync(file.GetProperty("url").GetString());
            Assert.Equal(file.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(content)));
        }

        using var zip = new ZipArchive(new MemoryStream(await Server.Client.GetByteArrayAsync($"/v1/searches/{id}/bundle")));
        Assert.Equal(all.Select(file => file.GetProperty("name").GetString()!).Order(), zip.Entries.Select(entry => entry.FullName).Order());
        Assert.Contains(zip.Entries, entry => entry.FullName == "curve.json");
    }

    private async Task CheckPoint(JsonElement point, long maximumBytes)
    {
        long bytes = point.GetProperty("result").GetProperty("found").GetProperty("bytes").GetInt64();
        Assert.InRange(maximumBytes - bytes, 0, 3);
        var files = await Server.GetJson(point.GetProperty("artifacts").GetString()!);
        using var zip = new ZipArchive(new MemoryStream(await Server.Client.GetByteArrayAsync(point.GetProperty("bundle").GetString())));
        Assert.Equal(files.EnumerateArray().Select(file => file.GetProperty("name").GetString()!).Order(), zip.Entries.Select(e => e.FullName).Order());
        var table = files.EnumerateArray().Single(file => file.GetProperty("name").GetString() == "table.safetensors");
        byte[] content = await Server.Client.GetByteArrayAsync(table.GetProperty("url").GetString());
        Assert.Equal(table.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    [Fact]
    public async Task A_point_can_be_had_while_others_are_searched_for_and_a_cancelled_curve_keeps_it()
    {
        string id = await Begin(("trials", 60), ("candidates", 2), ("pretrainEpochs", 1));
        JsonElement search;
        do
        {
            await Task.Delay(20);
            search = await Server.GetJson($"/v1/searches/{id}");
        }
        while (search.GetProperty("curve").ValueKind == JsonValueKind.Null && search.GetProperty("finishedAt").ValueKind == JsonValueKind.Null);
        Assert.Equal("running", search.GetProperty("state").GetString());
        string bundle = Assert.Single(search.GetProperty("curve").GetProperty("points").EnumerateArray()).GetProperty("bundle").GetString()!;
        byte[] early = await Server.Client.GetByteArrayAsync(bundle);
        Assert.Equal(HttpStatusCode.Conflict, await Status($"/v1/searches/{id}/bundle"));
        Assert.Equal(HttpStatusCode.Conflict, await Status($"/v1/searches/{id}/budgets/2/bundle"));
        Assert.Equal(HttpStatusCode.NotFound, await Status($"/v1/searches/{id}/budgets/3/bundle"));
        Assert.Equal(HttpStatusCode.NotFound, await Status($"/v1/searches/{id}/budgets/1/artifacts/..%2F..%2Fcurve.json"));

        (await Server.Client.PostAsync($"/v1/searches/{id}/cancel", null)).Dispose();
        search = await Server.WaitForEnd(id);
        Assert.Equal("cancelled", search.GetProperty("state").GetString());
        Assert.Equal(early, await Server.Client.GetByteArrayAsync(bundle));
        Assert.Equal(HttpStatusCode.OK, await Status($"/v1/searches/{id}/artifacts/curve.json"));
        Assert.Equal(HttpStatusCode.OK, await Status($"/v1/searches/{id}/artifacts/budget-1/manifest.json"));
    }

    [Fact]
    public async Task Validate_only_answers_every_budget()
    {
        using var response = await Server.PostJson("/v1/searches", Request(("validateOnly", true)));
        var plan = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(JsonValueKind.Null, plan.GetProperty("budget").ValueKind);
        Assert.Equal(2, plan.GetProperty("budgets").GetArrayLength());
        Assert.Equal(2 + (2 * (3 + 3)) + 1, plan.GetProperty("steps").GetInt32());
    }

    private static Dictionary<string, object> Request(params (string Name, object Value)[] changes)
    {
        var request = ServerFixture.SmallSearch(changes);
        request.Remove("budget");
        request["budgets"] = new object[] { new { sparsity = 0.8 }, new { bytes = 7001 } };
        return request;
    }

    private async Task<string> Begin(params (string Name, object Value)[] changes)
    {
        using var created = await Server.PostJson("/v1/searches", Request(changes));
        Assert.Equal(HttpStatusCode.Accepted, created.StatusCode);
        return (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    private async Task<HttpStatusCode> Status(string path)
    {
        using var response = await Server.Client.GetAsync(path);
        return response.StatusCode;
    }
}
