using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bet.Tests.GivenTables;

namespace Bet.Tests.Api;

/// <summary>A table that was trained elsewhere, over real HTTP: from its upload to the bundle of what was made of it.</summary>
public sealed class GivenTableTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const int Users = 400, Items = 300, Size = 8;

    private ServerProcess Server => fixture.Server;

    [Fact]
    public async Task An_uploaded_table_is_listed_searched_with_and_kept_while_it_is_used()
    {
        using var created = await Upload("?dataset=example&name=mine", Form());
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var table = await created.Content.ReadFromJsonAsync<JsonElement>();
        string id = table.GetProperty("id").GetString()!;
        Assert.Equal($"/v1/tables/{id}", created.Headers.Location!.ToString());
        Assert.Equal(Size, table.GetProperty("summary").GetProperty("size").GetInt32());
        Assert.True(JsonElement.DeepEquals(table, await Server.GetJson($"/v1/tables/{id}")));
        Assert.Contains(
            (await Server.GetJson("/v1/tables?dataset=example")).GetProperty("items").EnumerateArray(),
            listed => listed.GetProperty("id").GetString() == id);

        foreach (string reference in new[] { id, "mine" })
        {
            using var started = await Server.PostJson("/v1/searches", Request(("table", reference), ("fineTune", false)));
            Assert.True(started.StatusCode == HttpStatusCode.Accepted, await started.Content.ReadAsStringAsync());
            var search = await Server.WaitForEnd((await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!);
            Assert.True(search.GetProperty("state").GetString() == "succeeded", search.ToString());
            Assert.Equal(id, search.GetProperty("table").GetString());
            Assert.Equal(Size, search.GetProperty("options").GetProperty("maximumSize").GetInt32());
            Assert.All(search.GetProperty("results").EnumerateArray(), row => Assert.Equal("given", row.GetProperty("trainedOn").GetString()));
        }

        using var running = await Server.PostJson("/v1/searches", Request(("table", id), ("trials", 1000)));
        string search3 = (await running.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        using var refused = await Server.Client.DeleteAsync($"/v1/tables/{id}");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        (await Server.Client.PostAsync($"/v1/searches/{search3}/cancel", null)).Dispose();
        await Server.WaitForEnd(search3);
        using var deleted = await Server.Client.DeleteAsync($"/v1/tables/{id}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await Server.Client.GetAsync($"/v1/tables/{id}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_tables_rows_are_in_the_order_that_the_server_lists()
    {
        using var uploaded = await Server.Upload("10,b\n9,a\n9,b\n10,a\n");
        string dataset = (await uploaded.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        Assert.Equal("9\n10\n", await Server.Client.GetStringAsync($"/v1/datasets/{dataset}/ids/users"));
        Assert.Equal("b\na\n", await Server.Client.GetStringAsync($"/v1/datasets/{dataset}/ids/items"));

        // With the data set goes what was uploaded for it.
        using var table = await Upload($"?dataset={dataset}", new MultipartFormDataContent
        {
            { new ByteArrayContent(NpyFiles.Of([1, 2], 2, 1)), "users", "users.npy" },
            { new ByteArrayContent(NpyFiles.Of([1, 2], 2, 1)), "items", "items.npy" },
            { new StringContent("10\n9\n"), "userIds", "ids.txt" },
        });
        Assert.Equal(HttpStatusCode.Created, table.StatusCode);
        Assert.Equal("users.npy", (await table.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString());
        (await Server.Client.DeleteAsync($"/v1/datasets/{dataset}")).EnsureSuccessStatusCode();
        using var gone = await Server.Client.GetAsync(table.Headers.Location);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        using var nowhere = await Server.Client.GetAsync("/v1/datasets/example/ids/people");
        Assert.Equal(HttpStatusCode.BadRequest, nowhere.StatusCode);
    }

    [Fact]
    public async Task A_wrong_upload_is_refused_with_the_part_and_leaves_nothing()
    {
        var before = Directory.GetFiles(Path.Combine(Server.Folder, "blobs"), "*", SearchOption.AllDirectories).Order().ToList();
        await Refused("?dataset=nope", Form(), "dataset", "no data set has the id 'nope'");
        await Refused("", Form(), "dataset", "give the id of a data set");
        await Refused("?dataset=example", Form(users: NpyFiles.Of(new float[Users * Size], Items, Users * Size / Items)), "users", "bytes of values follow");
        await Refused("?dataset=example", Form(users: NpyFiles.Of(new float[Size], 1, Size)), "users", "it has 1 rows; the data set has 400 users");
        await Refused("?dataset=example", new MultipartFormDataContent { { new StringContent("x"), "user", "u" } }, "user", "there are users, items, table");
        await Refused("?dataset=example", new MultipartFormDataContent { { new StringContent("x"), "label" } }, "label", "and the fields dataset, name");
        await Refused("?dataset=example&label=x", Form(), "label", "there are dataset, name");
        await Refused("?dataset=example", With(Form(), "dataset", "nope"), "dataset", "no data set has the id 'nope'");
        await Refused("?dataset=example", With(Form(), "name", " "), "name", "a name has 1 to 200 characters");
        await Refused("?dataset=example", new MultipartFormDataContent { { new StringContent("x"), "users", "u" }, { new StringContent("x"), "users", "u" } }, "users", "it came twice");
        await Refused("?dataset=example", new MultipartFormDataContent { { new StringContent("x"), "users", "u" } }, "users", "no .npy file");
        using var json = await Server.PostJson("/v1/tables?dataset=example", new { });
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.StatusCode);
        Assert.Equal(before, Directory.GetFiles(Path.Combine(Server.Folder, "blobs"), "*", SearchOption.AllDirectories).Order());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Server.Folder, "tmp")));
    }

    [Fact]
    public async Task A_tables_data_set_and_name_may_be_form_fields()
    {
        using var form = With(With(Form(), "dataset", "example"), "name", "in a form");
        using var created = await Upload("?name=in%20the%20query", form);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var table = await created.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("example", table.GetProperty("dataset").GetString());
        Assert.Equal("in a form", table.GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_search_that_a_table_does_not_fit_is_refused_with_the_field()
    {
        using var first = await Upload("?dataset=example&name=twice", Form());
        using var second = await Upload("?dataset=example&name=twice", Form());
        string id = (await first.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        using var other = await Server.Upload("1 2\n");
        string dataset = (await other.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        await RefusedSearch(Request(("table", "nope")), "table", "no table of data set 'example' has the id or the name 'nope'");
        await RefusedSearch(Request(("table", "twice")), "table", "several tables");
        await RefusedSearch(Request(("table", id), ("dataset", dataset)), "table", "is of data set 'example'");
        await RefusedSearch(Request(("table", id), ("maximumSize", 16)), "maximumSize", "16 was given; the table has rows of 8 values");
        await RefusedSearch(Request(("table", id), ("backbone", "ncf")), "backbone", "mf and lightgcn have none");
        await RefusedSearch(Request(("fineTune", false)), "fineTune", "goes with a table");
    }

    private static Dictionary<string, object> Request(params (string Name, object Value)[] changes)
    {
        var request = new Dictionary<string, object>
        {
            ["dataset"] = "example",
            ["backbone"] = "mf",
            ["budget"] = new { sparsity = 0.8 },
            ["trials"] = 2,
            ["candidates"] = 8,
            ["retrained"] = 1,
        };
        foreach (var (name, value) in changes)
            request[name] = value;
        return request;
    }

    private static MultipartFormDataContent Form(byte[]? users = null) => new()
    {
        { new ByteArrayContent(users ?? NpyFiles.Of(Values(Users, 1), Users, Size)), "users", "users.npy" },
        { new ByteArrayContent(NpyFiles.Of(Values(Items, 2), Items, Size)), "items", "items.npy" },
    };

    private static MultipartFormDataContent With(MultipartFormDataContent form, string field, string value)
    {
        form.Add(new StringContent(value), field);
        return form;
    }

    private static float[] Values(int rows, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * Size).Select(_ => (float)random.NextDouble() - 0.4f)];
    }

    private Task<HttpResponseMessage> Upload(string query, MultipartFormDataContent form) =>
        Server.Client.PostAsync($"/v1/tables{query}", form);

    private async Task Refused(string query, MultipartFormDataContent form, string field, string message)
    {
        using var response = await Upload(query, form);
        await CheckProblem(response, field, message);
    }

    private async Task RefusedSearch(Dictionary<string, object> request, string field, string message)
    {
        using var response = await Server.PostJson("/v1/searches", request);
        await CheckProblem(response, field, message);
    }

    private static async Task CheckProblem(HttpResponseMessage response, string field, string message)
    {
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateArray().First();
        Assert.Equal(field, error.GetProperty("field").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString());
    }
}
