using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Bet.Tests.GivenTables;

namespace Bet.Tests.Api;

/// <summary>What the server answers is what its contract says.</summary>
public sealed class ContractTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private ServerProcess Server => fixture.Server;

    [Fact]
    public async Task A_search_of_interactions_is_answered_as_the_contract_says()
    {
        var contract = await ContractDocument.Of(Server);
        string id = await Search(contract, ServerFixture.SmallSearch(("trials", 1)));
        await Get(contract, "/v1/searches/{id}/artifacts", id);
        using var head = await Server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v1/searches/{id}/artifacts"));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        await CheckRange(contract, "/v1/searches/{id}/artifacts/{name}", $"/v1/searches/{id}/artifacts/manifest.json");
        await CheckRange(contract, "/v1/searches/{id}/bundle", $"/v1/searches/{id}/bundle");
    }

    [Fact]
    public async Task A_curve_is_answered_as_the_contract_says()
    {
        var request = ServerFixture.SmallSearch(("trials", 1), ("budgets", new[] { new { sparsity = 0.8 }, new { sparsity = 0.9 } }));
        request.Remove("budget");
        var contract = await ContractDocument.Of(Server);
        string id = await Search(contract, request);
        contract.Check("GET /v1/searches/{id}/budgets/{point}/artifacts", 200, await Server.GetJson($"/v1/searches/{id}/budgets/2/artifacts"));
        using var head = await Server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v1/searches/{id}/budgets/1/artifacts"));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_search_of_clicks_is_answered_as_the_contract_says(bool isCurve)
    {
        using var made = await Server.Client.PostAsync("/v1/datasets/example-clicks", null);
        made.EnsureSuccessStatusCode();
        var contract = await ContractDocument.Of(Server);
        await Search(contract, new Dictionary<string, object>
        {
            ["dataset"] = "example-clicks",
            ["effort"] = "quick",
            ["size"] = 8,
            ["trials"] = 1,
            ["candidates"] = 8,
            ["retrained"] = 1,
            ["learningRate"] = 0.01,
            [isCurve ? "budgets" : "budget"] = isCurve ? new[] { new { sparsity = 0.8 }, new { sparsity = 0.9 } } : new { sparsity = 0.8 },
        });
        await Get(contract, "/v1/datasets/{id}", "example-clicks");
    }

    /// <summary>One label alone in the test part: it has no AUC.</summary>
    [Fact]
    public async Task Numbers_that_are_not_defined_are_null_as_the_contract_says()
    {
        var random = new Random(3);
        string train = string.Concat(Enumerable.Range(0, 2000).Select(_ => random.Next(10))
            .Select(shop => $"{(random.Next(5) == 0 ? 0 : shop % 2)},a{shop},b{random.Next(9)}\n"));
        using var form = new MultipartFormDataContent
        {
            { new StringContent("label,shop,city\n" + train), "train", "train.csv" },
            { new StringContent("label,shop,city\n1,a1,b1\n"), "test", "test.csv" },
            { new StringContent("label"), "labelColumn" },
        };
        using var uploaded = await Server.Client.PostAsync("/v1/datasets", form);
        Assert.True(uploaded.StatusCode == HttpStatusCode.Created, await uploaded.Content.ReadAsStringAsync());
        var contract = await ContractDocument.Of(Server);
        string id = await Search(contract, new Dictionary<string, object>
        {
            ["dataset"] = (await uploaded.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!,
            ["method"] = "full",
            ["budget"] = new { sparsity = 0 },
            ["effort"] = "quick",
            ["learningRate"] = 0.01,
        });
        var results = (await Server.GetJson($"/v1/searches/{id}")).GetProperty("clickResults");
        Assert.Equal(JsonValueKind.Null, results[0].GetProperty("test").GetProperty("auc").GetProperty("value").ValueKind);
    }

    [Fact]
    public async Task A_search_without_workers_says_so_until_its_deadline()
    {
        var contract = await ContractDocument.Of(Server);
        var request = ServerFixture.SmallSearch(("queue", "nobody"), ("queueDeadline", 6));
        using var created = await Server.PostJson("/v1/searches", request);
        var queued = await created.Content.ReadFromJsonAsync<JsonElement>();
        contract.Check("POST /v1/searches", 202, queued);
        Assert.Equal(0, queued.GetProperty("queueWorkers").GetInt32());
        string id = queued.GetProperty("id").GetString()!;
        contract.Check("GET /v1/searches", 200, await Server.GetJson("/v1/searches?state=queued"));
        request["validateOnly"] = true;
        Assert.Equal(0, await QueueWorkersOf(request));
        request["queue"] = "default";
        Assert.Equal(1, await QueueWorkersOf(request));

        var ended = await Server.WaitForEnd(id);
        contract.Check("GET /v1/searches/{id}", 200, ended);
        Assert.Equal(JsonValueKind.Object, ended.GetProperty("error").ValueKind);
        Assert.Equal(JsonValueKind.Null, ended.GetProperty("queueWorkers").ValueKind);
    }

    [Fact]
    public async Task Data_sets_tables_and_operations_are_answered_as_the_contract_says()
    {
        var contract = await ContractDocument.Of(Server);
        using var made = await Server.Client.PostAsync("/v1/datasets/example-clicks", null);
        await Get(contract, "/v1/datasets/{id}", "example");
        contract.Check("GET /v1/datasets", 200, await Server.GetJson("/v1/datasets"));
        using var uploaded = await Server.Upload("1,2\n2,2\n");
        var dataset = await uploaded.Content.ReadFromJsonAsync<JsonElement>();
        contract.Check("POST /v1/datasets", 201, dataset);
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(NpyFiles.Of([1, 2], 2, 1)), "users", "users.npy" },
            { new ByteArrayContent(NpyFiles.Of([1], 1, 1)), "items", "items.npy" },
        };
        using var table = await Server.Client.PostAsync($"/v1/tables?dataset={dataset.GetProperty("id").GetString()}", form);
        contract.Check("POST /v1/tables", 201, await table.Content.ReadFromJsonAsync<JsonElement>());
        foreach (string path in new[] { "/v1/tables", "/v1/workers", "/v1/retention", "/health/ready" })
            contract.Check($"GET {path}", 200, await Server.GetJson(path));
        using var wrong = await Server.Client.GetAsync("/v1/searches?limit=0");
        contract.Check("GET /v1/searches", 400, await wrong.Content.ReadFromJsonAsync<JsonElement>(), "application/problem+json");
    }

    [Fact]
    public async Task The_contract_has_the_statuses_that_are_answered()
    {
        var contract = await ContractDocument.Of(Server);
        foreach (string operation in new[] { "POST /v1/searches", "PATCH /v1/searches/{id}" })
        {
            string path = operation.Split(' ')[1].Replace("{id}", "s1");
            using var request = new HttpRequestMessage(new HttpMethod(operation.Split(' ')[0]), path) { Content = new StringContent("x") };
            using var response = await Server.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
            Assert.Contains("415", contract.StatusesOf(operation));
        }

        foreach (string operation in contract.Operations)
        {
            string[] statuses = contract.StatusesOf(operation);
            bool isOpen = operation.Contains(" /health/");
            Assert.True(statuses.Contains("401") != isOpen, operation);
            Assert.True(statuses.Contains("503") || operation.EndsWith("/live"), operation);
            Assert.True(statuses.Contains("400") == operation.Contains(" /v1/"), operation);
        }

        Assert.Contains("text/event-stream", contract.ContentsOf("GET /v1/searches/{id}/events", 200));
        foreach (string path in new[] { "/metrics", "/health/live" })
            Assert.Equal(["text/plain"], contract.ContentsOf($"GET {path}", 200));
    }

    [Fact]
    public async Task Parameters_of_lists_are_described()
    {
        var contract = await ContractDocument.Of(Server);
        foreach (string operation in contract.Operations.Where(operation => operation.StartsWith("GET /v1/")))
        {
            if (!contract.Operation(operation).TryGetProperty("parameters", out var parameters))
                continue;
            foreach (var parameter in parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query"))
            {
                string name = parameter.GetProperty("name").GetString()!;
                Assert.True(parameter.TryGetProperty("description", out _), $"{operation} {name}");
                if (name != "limit")
                    continue;
                bool areEvents = operation.EndsWith("/events");
                Assert.Equal(areEvents ? 100 : 20, parameter.GetProperty("schema").GetProperty("default").GetInt32());
                Assert.Equal(areEvents ? 1000 : 100, parameter.GetProperty("schema").GetProperty("maximum").GetInt32());
            }
        }

        Assert.Equal(["users", "items"], Words("GET /v1/datasets/{id}/ids/{side}", "side"));
        Assert.Contains("cancelling", Words("GET /v1/searches", "state"));

        string[] Words(string operation, string name) =>
        [
            .. contract.Operation(operation).GetProperty("parameters").EnumerateArray()
                .Single(parameter => parameter.GetProperty("name").GetString() == name)
                .GetProperty("schema").GetProperty("enum").EnumerateArray().Select(word => word.GetString()!),
        ];
    }

    /// <summary>Runs a search and holds everything that is said of it against the contract; answers its id.</summary>
    private async Task<string> Search(ContractDocument contract, Dictionary<string, object> request)
    {
        using var planned = await Server.PostJson("/v1/searches", new Dictionary<string, object>(request) { ["validateOnly"] = true });
        contract.Check("POST /v1/searches", 200, await planned.Content.ReadFromJsonAsync<JsonElement>());
        using var created = await Server.PostJson("/v1/searches", request);
        var queued = await created.Content.ReadFromJsonAsync<JsonElement>();
        contract.Check("POST /v1/searches", 202, queued);
        var search = await Server.WaitForEnd(queued.GetProperty("id").GetString()!);
        Assert.True(search.GetProperty("state").GetString() == "succeeded", search.ToString());
        string id = search.GetProperty("id").GetString()!;
        contract.Check("GET /v1/searches/{id}", 200, search);
        contract.Check("GET /v1/searches", 200, await Server.GetJson("/v1/searches"));
        await Get(contract, "/v1/searches/{id}/trials", id);
        await Get(contract, "/v1/searches/{id}/events", id);
        return id;
    }

    private static async Task Check(ContractDocument contract, string path, HttpResponseMessage response) =>
        contract.Check($"GET {path}", (int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(), "application/problem+json");

    private async Task Get(ContractDocument contract, string path, string id) =>
        contract.Check($"GET {path}", 200, await Server.GetJson(path.Replace("{id}", id)));

    private async Task CheckRange(ContractDocument contract, string path, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(100_000_000, null) } };
        using var response = await Server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, response.StatusCode);
        Assert.NotNull(response.Content.Headers.ContentRange?.Length);
        await Check(contract, path, response);
        string[] statuses = contract.StatusesOf($"GET {path}");
        Assert.Contains("206", statuses);
        Assert.Contains("304", statuses);
    }

    private async Task<int> QueueWorkersOf(Dictionary<string, object> request)
    {
        using var planned = await Server.PostJson("/v1/searches", request);
        return (await planned.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("queueWorkers").GetInt32();
    }
}
