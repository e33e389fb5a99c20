using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Bet.Tests.Api;

/// <summary>Data sets as searches divide them.</summary>
public sealed class SplitTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private ServerProcess Server => fixture.Server;

    [Fact]
    public async Task A_search_says_where_its_split_is_and_it_is_the_one_that_it_had()
    {
        (await Server.Client.PostAsync("/v1/datasets/example", null)).Dispose();
        using var created = await Server.PostJson("/v1/searches", new
        {
            dataset = "example",
            backbone = "mf",
            budget = new { sparsity = 0.5 },
            seed = 7,
            split = new { kind = "random", train = 0.6, validation = 0.2 },
            maximumSize = 4,
            trials = 1,
            retrained = 1,
            pretrainEpochs = 2,
            retrainEpochs = 1,
        });
        var search = await Server.WaitForEnd((await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!);
        var links = search.GetProperty("links");
        var metrics = await Server.GetJson($"{links.GetProperty("artifacts").GetString()}/metrics.json");

        using var answer = await Server.Client.GetAsync(links.GetProperty("split").GetString());
        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"\"{metrics.GetProperty("splitHash").GetString()}\"", answer.Headers.ETag?.Tag);
        string[] lines = (await answer.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n');
        Assert.Equal("user,item,part", lines[0]);
        string[][] rows = [.. lines[1..].Select(line => line.Split(','))];
        var summary = (await Server.GetJson("/v1/datasets/example")).GetProperty("summary");
        Assert.Equal(summary.GetProperty("interactions").GetInt32(), rows.Length);
        Assert.Equal(rows.Length, rows.Select(row => (row[0], row[1])).Distinct().Count());
        foreach (var (part, name) in new[] { ("train", "trainInteractions"), ("validation", "validationInteractions"), ("test", "testInteractions") })
            Assert.Equal(metrics.GetProperty(name).GetInt32(), rows.Count(row => row[2] == part));
        // Other seeds divide otherwise.
        using var other = await Server.Client.GetAsync("/v1/datasets/example/split?train=0.6&validation=0.2");
        Assert.NotEqual(answer.Headers.ETag, other.Headers.ETag);
    }

    [Fact]
    public async Task A_test_part_that_was_given_stays_and_ids_are_quoted_where_they_must_be()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("user,item\na,\"x, y\"\na,p\na,q\na,r\nb,p\nb,q\n"), "train", "train.csv" },
            { new StringContent("user,item\nb,r\na,s\n"), "test", "test.csv" },
        };
        using var created = await Server.Client.PostAsync("/v1/datasets", form);
        string[] lines = (await Server.Client.GetStringAsync($"{created.Headers.Location}/split?validation=0.3&seed=2")).TrimEnd('\n').Split('\n');
        Assert.Equal(["a,s,test", "b,r,test"], lines.Where(line => line.EndsWith(",test", StringComparison.Ordinal)).Order());
        Assert.Contains(lines, line => line.StartsWith("a,\"x, y\",", StringComparison.Ordinal));
        Assert.Equal(9, lines.Length);
        Assert.Equal(2, lines.Count(line => line.EndsWith(",validation", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("example", "?kind=never", "kind", "one of asGiven, random")]
    [InlineData("example", "?kind=asGiven", "kind", "came in one part")]
    [InlineData("example", "?train=much", "train", "a number")]
    [InlineData("example", "?train=1.5", "train", "above 0 and below 1")]
    [InlineData("example", "?kind=leaveOneOut&validation=0.1", "validation", "no such share")]
    [InlineData("example", "?seed=-1", "seed", "at least 0")]
    [InlineData("example", "?sed=1", "sed", "there are kind, train, validation, seed")]
    [InlineData("example-clicks", "", "dataset", "holds clicks")]
    public async Task A_split_that_cannot_be_is_refused(string dataset, string query, string field, string message)
    {
        (await Server.Client.PostAsync($"/v1/datasets/{dataset}", null)).Dispose();
        using var answer = await Server.Client.GetAsync($"/v1/datasets/{dataset}/split{query}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0];
        Assert.Equal(field, error.GetProperty("field").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString());
    }
}
