using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Bet.Engine.Clicks;
using Bet.Engine.Fields;

namespace Bet.Tests.Api;

/// <summary>Click data and searches over them, over real HTTP.</summary>
public sealed class ClickSearchTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Delimited = "id,clicked,age,city,rating,at\n1,1,33,Rome,5,7\n2,0,,Bonn,1,8\n3,1,20,Rome,4,9\n4,0,41,,2,10\n";

    private ServerProcess Server => fixture.Server;

    [Fact]
    public async Task Criteos_lines_are_told_by_themselves_and_their_gaps_are_kept()
    {
        string text = Criteo(rows: 50, gaps: true);
        var dataset = await Created(await Server.Upload(text, "?name=criteo"));
        Assert.Equal("clicks", dataset.GetProperty("kind").GetString());
        Assert.Equal(JsonValueKind.Null, dataset.GetProperty("summary").ValueKind);
        var clicks = dataset.GetProperty("clicks");
        Assert.Equal(50, clicks.GetProperty("rows").GetInt32());
        Assert.Equal(26, clicks.GetProperty("fields").GetArrayLength());
        Assert.Equal(1, clicks.GetProperty("numbers")[0].GetProperty("missingShare").GetDouble());
        Assert.False(clicks.GetProperty("hasTestPart").GetBoolean());
        // One category, the empty one.
        Assert.Equal(1, clicks.GetProperty("fields")[25].GetProperty("categories").GetInt32());
        var again = await Created(await Server.Upload(text, "?format=criteo"));
        Assert.Equal(clicks.ToString(), again.GetProperty("clicks").ToString());
        var listed = await Server.GetJson($"/v1/datasets/{dataset.GetProperty("id").GetString()}");
        Assert.Equal(dataset.ToString(), listed.ToString());
        using var ids = await Server.Client.GetAsync($"/v1/datasets/{dataset.GetProperty("id").GetString()}/ids/users");
        Assert.Equal(HttpStatusCode.BadRequest, ids.StatusCode);
    }

    [Fact]
    public async Task Columns_are_what_the_request_says()
    {
        var dataset = await Created(await Server.Upload(Delimited, "?labelColumn=clicked&numberColumns=age&ignoredColumns=id,rating&timeColumn=at"));
        var clicks = dataset.GetProperty("clicks");
        Assert.Equal(["age"], clicks.GetProperty("numbers").EnumerateArray().Select(number => number.GetProperty("name").GetString()));
        Assert.Equal(0.25, clicks.GetProperty("numbers")[0].GetProperty("missingShare").GetDouble());
        Assert.Equal(["city"], clicks.GetProperty("fields").EnumerateArray().Select(field => field.GetProperty("name").GetString()));
        Assert.Equal(3, clicks.GetProperty("fields")[0].GetProperty("categories").GetInt32());
        Assert.True(clicks.GetProperty("hasTimes").GetBoolean());
        var rated = await Created(await Server.Upload(Delimited, "?labelColumn=rating&labelThreshold=2&ignoredColumns=clicked"));
        Assert.Equal(0.75, rated.GetProperty("clicks").GetProperty("positiveShare").GetDouble());
        // The same file without a field of click data is of interactions, as before.
        var interactions = await Created(await Server.Upload(Delimited, "?userColumn=id&itemColumn=rating&timestampColumn=at"));
        Assert.Equal("interactions", interactions.GetProperty("kind").GetString());
        Assert.Equal(JsonValueKind.Null, interactions.GetProperty("clicks").ValueKind);
    }

    public static TheoryData<string, string, string, string> WrongUploads => new()
    {
        { "a,b\n2,x\n0,y\n", "?labelColumn=a", "the body", "line 2" },
        { "a,b\n1,x\n1,y\n", "?labelColumn=a", "the body", "rows with label 0 and rows with label 1" },
        { "1,x\n0\n", "?labelColumn=1&header=false", "the body", "line 2" },
        { Delimited, "?labelColumn=clikced", "labelColumn", "expected column 'clikced' (labelColumn) in the header" },
        { Delimited, "?labelColumn=clicked&numberColumns=age,city", "the body", "Rome" },
        { Delimited, "?labelColumn=clicked&numberColumns=age,age", "numberColumns", "each column to be used once" },
        { Delimited, "?labelColumn=clicked&userColumn=id", "userColumn", "labelColumn of click data" },
        { Delimited, "?labelColumn=clicked&format=adjacency", "format", "it is of interactions" },
        { Delimited, "?labelColumn=clicked&format=csv", "format", "one of auto, adjacency, delimited, movielens, criteo" },
        { Delimited, "?labelColumn=rating&labelThreshold=high", "labelThreshold", "a number" },
        { Delimited, "?labelColumn=clicked&header=false", "labelColumn", "without a header" },
        { Delimited, "?categoryColumns=,", "categoryColumns", "empty name" },
        { Delimited, "?format=criteo", "the body", "40" },
        { Delimited, "?format=criteo&labelColumn=clicked", "labelColumn", "no meaning for Criteo" },
        { Delimited, "?format=criteo&header=true", "header", "no header" },
    };

    [Theory]
    [MemberData(nameof(WrongUploads))]
    public async Task Wrong_click_data_is_refused_with_the_line_or_the_field(string text, string query, string field, string message)
    {
        using var response = await Server.Upload(text, query);
        await Refused(response, field, message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Server.Folder, "tmp")));
    }

    [Fact]
    public async Task A_search_over_clicks_goes_from_a_request_to_a_bundle()
    {
        await MakeExample();
        using var asked = await Server.PostJson("/v1/searches", Search(("validateOnly", true)));
        var plan = await asked.Content.ReadFromJsonAsync<JsonElement>();
        var budget = plan.GetProperty("budget");
        Assert.True(budget.GetProperty("maximumBytes").GetInt64() <= 0.2 * budget.GetProperty("fullBytes").GetInt64());
        Assert.Equal("random", plan.GetProperty("clickOptions").GetProperty("split").GetProperty("kind").GetString());

        var search = await Run(Search());
        Assert.Equal(JsonValueKind.Null, search.GetProperty("options").ValueKind);
        Assert.Equal(JsonValueKind.Null, search.GetProperty("results").ValueKind);
        long allowed = search.GetProperty("budget").GetProperty("maximumBytes").GetInt64();
        JsonElement[] rows = [.. search.GetProperty("clickResults").EnumerateArray()];
        Assert.Equal(["full", "hashing", "bet-plus"], rows.Select(row => row.GetProperty("name").GetString()));
        Assert.All(rows[1..], row => Assert.InRange(row.GetProperty("bytes").GetInt64(), 1, allowed));
        Assert.All(rows, row => Assert.InRange(row.GetProperty("test").GetProperty("logLoss").GetProperty("value").GetDouble(), 0.1, 0.7));
        JsonElement[] trials = [.. (await Server.GetJson($"{Self(search)}/trials")).EnumerateArray()];
        Assert.Equal([1, 2, 3], trials.Select(trial => trial.GetProperty("number").GetInt32()));
        Assert.All(trials, trial =>
        {
            Assert.InRange(trial.GetProperty("bytes").GetInt64(), 1, allowed);
            Assert.Equal(6, trial.GetProperty("recipe").GetProperty("weights").GetArrayLength());
            Assert.False(trial.TryGetProperty("userFamily", out _));
        });
        Assert.Contains(search.GetProperty("best").GetProperty("trial").GetInt32(), new[] { 1, 2, 3 });
        await CheckBundle(search);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_budget_is_of_the_categories_that_are_left(bool isCurve)
    {
        await MakeExample();
        var request = Search(
            ("method", "hashing"), ("compare", Array.Empty<string>()), ("split", new { minimumCount = 8 }), ("size", 4),
            isCurve ? ("budgets", new[] { new { sparsity = 0.8 }, new { sparsity = 0.9 } }) : ("budget", new { sparsity = 0.8 }));
        foreach (string name in new[] { "trials", "retrained", "candidates", isCurve ? "budget" : "budgets" })
            request.Remove(name);
        using var asked = await Server.PostJson("/v1/searches", new Dictionary<string, object>(request) { ["validateOnly"] = true });
        long before = Budget(await asked.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("fullBytes").GetInt64();

        var search = await Run(request);
        var full = isCurve ? search.GetProperty("clickCurve").GetProperty("full") : search.GetProperty("clickResults")[0];
        var budget = Budget(search);
        Assert.Equal(full.GetProperty("bytes").GetInt64(), budget.GetProperty("fullBytes").GetInt64());
        Assert.Equal(full.GetProperty("values").GetInt64(), budget.GetProperty("rows").GetInt64() * 4);
        Assert.InRange(budget.GetProperty("fullBytes").GetInt64(), 1, before - 1);
        Assert.Equal(full.GetProperty("bytes").GetInt64() / 5, budget.GetProperty("maximumBytes").GetInt64());

        JsonElement Budget(JsonElement of) => isCurve ? of.GetProperty("budgets")[0] : of.GetProperty("budget");
    }

    [Fact]
    public async Task Several_budgets_give_a_curve()
    {
        await MakeExample();
        var request = Search(("budgets", new[] { new { sparsity = 0.75 }, new { sparsity = 0.9 } }));
        request.Remove("budget");
        var search = await Run(request);
        Assert.Equal(JsonValueKind.Null, search.GetProperty("curve").ValueKind);
        Assert.Equal(JsonValueKind.Null, search.GetProperty("budget").ValueKind);
        Assert.Equal(2, search.GetProperty("budgets").GetArrayLength());
        JsonElement[] points = [.. search.GetProperty("clickCurve").GetProperty("points").EnumerateArray()];
        Assert.Equal(2, points.Length);
        foreach (var point in points)
        {
            using var bundle = await Server.Client.GetAsync(point.GetProperty("bundle").GetString());
            Assert.Equal("application/zip", bundle.Content.Headers.ContentType?.MediaType);
            var result = point.GetProperty("result");
            Assert.InRange(result.GetProperty("found").GetProperty("bytes").GetInt64(), 1, result.GetProperty("maximumBytes").GetInt64());
        }

        JsonElement[] trials = [.. (await Server.GetJson($"{Self(search)}/trials")).EnumerateArray()];
        Assert.Equal([1, 1, 1, 2, 2, 2], trials.Select(trial => trial.GetProperty("point").GetInt32()));
    }

    [Fact]
    public async Task Collisions_say_how_small_the_tables_are_instead_of_a_budget()
    {
        await MakeExample();
        var request = Search(
            ("backbone", "dcn"), ("method", "quotient-remainder"), ("operation", "multiply"), ("collisions", 4), ("threshold", 10),
            ("compare", Array.Empty<string>()));
        foreach (string name in new[] { "budget", "trials", "retrained", "candidates" })
            request.Remove(name);
        var search = await Run(request);
        Assert.Equal(JsonValueKind.Null, search.GetProperty("budget").ValueKind);
        Assert.Equal("quotient-remainder-multiply", search.GetProperty("clickOptions").GetProperty("method").GetString());
        JsonElement[] rows = [.. search.GetProperty("clickResults").EnumerateArray()];
        Assert.Equal(["full", "quotient-remainder-multiply"], rows.Select(row => row.GetProperty("name").GetString()));
        // Of 1501, 601, 251, 41, 13 and 4 categories, those above the threshold have about a quarter of the rows; quotients are 4.
        Assert.InRange(rows[1].GetProperty("values").GetInt64(), rows[0].GetProperty("values").GetInt64() / 5, rows[0].GetProperty("values").GetInt64() / 3);
        Assert.Empty((await Server.GetJson($"{Self(search)}/trials")).EnumerateArray());
        await CheckBundle(search);
    }

    public static TheoryData<string, string, string> WrongSearches => new()
    {
        { """{"dataset":"example-clicks"}""", "budget", "sparsity" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"backbone":"lightgcn"}""", "backbone", "data set 'example-clicks' holds clicks; dlrm and dcn are for these" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"backbone":"dcn"}""", "backbone", "holds interactions; mf, ncf, ngcf, lightgcn are for these" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"backbone":"bert"}""", "backbone", "and dlrm and dcn for click data" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"layers":2}""", "layers", "it has no meaning for dlrm; it is for mf, ncf, ngcf, lightgcn, leave it out" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"backbone":"dcn","maximumSize":8}""", "maximumSize", "no meaning for dcn; give size" },
        { """{"dataset":"example-clicks","budgets":[{"sparsity":0.5}]}""", "budgets", "2 to 16 points" },
        { """{"dataset":"example-clicks","budgets":[{"sparsity":0.5},{"sparsity":1.6}]}""", "budgets[1].sparsity", "below 1" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"table":"t"}""", "table", "for mf and lightgcn" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"collisions":4}""", "collisions", "no meaning for lightgcn; give a budget" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"backbone":"mf","epochs":4}""", "epochs", "pretrainEpochs" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"optimiser":"adam"}""", "optimiser", "it is for dlrm and dcn" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"optimiser":"rmsprop"}""", "optimiser", "adagrad, adam, amsGrad" },
        { """{"dataset":"example-clicks","budget":{"sparsity":1.5}}""", "budget.sparsity", "below 1" },
        { """{"dataset":"example-clicks","budget":{"bytes":4}}""", "budget.bytes", "bytes of at least" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"collisions":4}""", "collisions", "method" },
        { """{"dataset":"example-clicks","method":"hashing","collisions":0}""", "collisions", "at least 1" },
        { """{"dataset":"example-clicks","method":"magic","budget":{"sparsity":0.5}}""", "method", "quotient-remainder-multiply" },
        { """{"dataset":"example-clicks","method":"quotient-remainder","operation":"divide","collisions":4}""", "method", "quotient-remainder-multiply" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"compare":["uniform"]}""", "compare", "hashing" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"epochs":0}""", "epochs", "at least 1" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"learningRate":1e30}""", "learningRate", "at most 10" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"trialShare":1e300}""", "trialShare", "at most 1" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"split":{"kind":"byTime"}}""", "split.kind", "byOrder" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"split":{"kind":"asGiven"}}""", "split.kind", "one part" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"split":{"train":0.95}}""", "split", "below 1" },
        { """{"dataset":"example-clicks","budget":{"sparsity":0.5},"split":{"minimumCount":0}}""", "split.minimumCount", "at least 1" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"split":{"kind":"byOrder"}}""", "split.kind", "of interactions there are asGiven" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"split":{"minimumCount":2}}""", "split.minimumCount", "of click data" },
    };

    [Theory]
    [MemberData(nameof(WrongSearches))]
    public async Task A_wrong_search_is_refused_with_the_field_and_what_would_do(string body, string field, string message)
    {
        await MakeExample();
        using var response = await Server.Client.PostAsync("/v1/searches", new StringContent(body, Encoding.UTF8, "application/json"));
        await Refused(response, field, message);
    }

    [Fact]
    public async Task Click_data_without_tables_or_without_pairs_of_features_are_refused_for_a_search()
    {
        var numbers = await Created(await Server.Upload("clicked,age\n1,3\n0,4\n", "?labelColumn=clicked&numberColumns=age"));
        using var tables = await Server.PostJson("/v1/searches", Search(("dataset", Id(numbers))));
        await Refused(tables, "dataset", "no embedding tables");
        var single = await Created(await Server.Upload("clicked,shop\n1,a\n0,b\n", "?labelColumn=clicked"));
        using var pairs = await Server.PostJson("/v1/searches", Search(("dataset", Id(single))));
        await Refused(pairs, "backbone", "dcn would do");

        static string Id(JsonElement dataset) => dataset.GetProperty("id").GetString()!;
    }

    /// <summary>As of users and items, a budget above the full tables is cut to these.</summary>
    [Fact]
    public async Task Any_number_of_parameters_may_be_given()
    {
        await MakeExample();
        using var response = await Server.PostJson(
            "/v1/searches", Search(("budget", new { parameters = long.MaxValue }), ("validateOnly", true), ("compare", Array.Empty<string>())));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var budget = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("budget");
        Assert.Equal(budget.GetProperty("fullBytes").GetInt64(), budget.GetProperty("maximumBytes").GetInt64());
    }

    [Fact]
    public async Task A_table_is_of_users_and_items()
    {
        await MakeExample();
        using var form = new MultipartFormDataContent { { new ByteArrayContent([1]), "users", "users.npy" } };
        using var response = await Server.Client.PostAsync("/v1/tables?dataset=example-clicks", form);
        await Refused(response, "dataset", "holds clicks; tables are of users and items");
    }

    private static Dictionary<string, object> Search(params (string Name, object Value)[] changes)
    {
        var request = new Dictionary<string, object>
        {
            ["dataset"] = "example-clicks",
            ["backbone"] = "dlrm",
            ["budget"] = new { sparsity = 0.8 },
            ["effort"] = "quick",
            ["seed"] = 3,
            ["size"] = 8,
            ["trials"] = 3,
            ["candidates"] = 20,
            ["retrained"] = 1,
            ["compare"] = new[] { "hashing" },
            ["learningRate"] = 0.01,
            ["batchSize"] = 128,
        };
        foreach (var (name, value) in changes)
            request[name] = value;
        return request;
    }

    private async Task MakeExample()
    {
        using var made = await Server.Client.PostAsync("/v1/datasets/example-clicks", null);
        made.EnsureSuccessStatusCode();
    }

    private async Task<JsonElement> Run(Dictionary<string, object> request)
    {
        using var created = await Server.PostJson("/v1/searches", request);
        Assert.True(created.StatusCode == HttpStatusCode.Accepted, await created.Content.ReadAsStringAsync());
        var search = await Server.WaitForEnd((await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!);
        Assert.True(search.GetProperty("state").GetString() == "succeeded", search.ToString());
        return search;
    }

    private async Task CheckBundle(JsonElement search)
    {
        using var zip = new ZipArchive(new MemoryStream(await Server.Client.GetByteArrayAsync(search.GetProperty("links").GetProperty("bundle").GetString())));
        var files = zip.Entries.ToDictionary(entry => entry.FullName, entry => entry.Length);
        long bytes = search.GetProperty("clickResults").EnumerateArray().Last().GetProperty("bytes").GetInt64();
        Assert.InRange(files[FieldTableFile.Name], bytes, bytes + 65536);
        foreach (string name in new[] { "backbone.safetensors", "field0.ids.txt", "field5.ids.txt", "manifest.json", "metrics.json", "model.json", "report.html" })
            Assert.True(files.GetValueOrDefault(name) > 0, name);
    }

    private static string Self(JsonElement search) => search.GetProperty("links").GetProperty("self").GetString()!;

    private static async Task<JsonElement> Created(HttpResponseMessage response)
    {
        using (response)
        {
            Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
            return await response.Content.ReadFromJsonAsync<JsonElement>();
        }
    }

    private static async Task Refused(HttpResponseMessage response, string field, string message)
    {
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateArray().First();
        Assert.Equal(field, error.GetProperty("field").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString());
    }

    /// <summary>Generated lines; with gaps the first number and the last category of each are missing.</summary>
    private static string Criteo(int rows, bool gaps)
    {
        using var stream = new MemoryStream();
        SyntheticClicks.WriteCriteo(SyntheticClickOptions.Criteo(rows, categories: 12_000, seed: 2), stream);
        string[] lines = Encoding.UTF8.GetString(stream.ToArray()).TrimEnd('\n').Split('\n');
        return string.Concat(lines.Select(line =>
        {
            string[] columns = line.Split('\t');
            if (gaps)
                (columns[1], columns[^1]) = ("", "");
            return string.Join('\t', columns) + "\n";
        }));
    }
}
