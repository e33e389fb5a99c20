using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Bet.Tests.Api;

/// <summary>What a client may get wrong: a 4xx that says what would do, and nothing left behind.</summary>
public sealed class WrongRequestTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private ServerProcess Server => fixture.Server;

    public static TheoryData<string, string, string> WrongSearches => new()
    {
        { """{"budget":{"sparsity":0.5}}""", "dataset", "GET /v1/datasets" },
        { """{"dataset":"nope","budget":{"sparsity":0.5}}""", "dataset", "no data set has the id 'nope'" },
        { """{"dataset":"../../etc/passwd","budget":{"sparsity":0.5}}""", "dataset", "no data set has the id" },
        { """{"dataset":"example"}""", "budget", "sparsity" },
        { """{"dataset":"example","budget":{}}""", "budget", "exactly one" },
        { """{"dataset":"example","budget":{"sparsity":0.5,"bytes":100000}}""", "budget", "exactly one" },
        { """{"dataset":"example","budget":{"sparsity":1.2}}""", "budget.sparsity", "below 1" },
        { """{"dataset":"example","budget":{"sparsity":-1}}""", "budget.sparsity", "at least 0" },
        { """{"dataset":"example","budget":{"bytes":10}}""", "budget.bytes", "bytes of at least" },
        { """{"dataset":"example","budget":{"parameters":200}}""", "budget.parameters", "minimumSize 0 would do" },
        { """{"dataset":"example","budget":{"parameters":200},"minimumSize":-1}""", "minimumSize", "at least 0" },
        { """{"dataset":"example","budget":{"parameters":1.5}}""", "budget.parameters", "whole number" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"budgets":[{"sparsity":0.5},{"sparsity":0.6}]}""", "budget", "budget and budgets were given" },
        { """{"dataset":"example","budgets":[]}""", "budgets", "2 to 16 points" },
        { """{"dataset":"example","budgets":[{"sparsity":0.5}]}""", "budgets", "2 to 16 points" },
        { """{"dataset":"example","budgets":[{"sparsity":0.5},{"sparsity":0.6},{"sparsity":2}]}""", "budgets[2].sparsity", "2 was given" },
        { """{"dataset":"example","budgets":[{"sparsity":0.5},{"bytes":1e3}]}""", "budgets[1].bytes", "a whole number" },
        { """{"dataset":"example","budgets":[{"sparsity":0.5},{"sparsty":0.6}]}""", "budgets[1].sparsty", "there are sparsity" },
        { """{"dataset":"example","budgets":[{"sparsity":0.5},null]}""", "budgets[1]", "null was given" },
        { """{"dataset":"example","budgets":[{"sparsity":0.5},{"sparsity":0.5}]}""", "budgets[1]", "the same as budgets[0]" },
        { """{"dataset":"example","budgets":{"sparsity":0.5}}""", "budgets", "a list of objects" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"backbone":"bert"}""", "backbone", "lightgcn" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"effort":"heroic"}""", "effort", "quick, standard, thorough" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"epoch":3}""", "epoch", "no such field" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"method":"magic"}""", "method", "there are bet-plus, bet" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"precision":"int5"}""", "precision", "float32, float16, int8, int4, int2, int1" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"compare":"uniform"}""", "compare", "a list of texts" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"compare":["best"]}""", "compare", "there are uniform, random, power-rule" },
        { """{"dataset":"example","budget":{"sparsity":0.992},"compare":["hashing","low-rank"]}""", "compare", "'low-rank' was given; its smallest table for" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"priority":101}""", "priority", "-100 to 100" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"queue":"a queue"}""", "queue", "such as default" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"keepAlive":1,"runDeadline":5}""", "keepAlive", "at least 10" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"queueDeadline":0}""", "queueDeadline", "at least 1" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"parallelTrials":0}""", "parallelTrials", "at least 1" },
        { """{"dataset":"example","budget":{"sparsty":0.5}}""", "budget.sparsty", "sparsity, parameters, bytes" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"trials":0}""", "trials", "at least 1" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"seed":-1}""", "seed", "at least 0" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"maximumSize":99999999999}""", "maximumSize", "whole number" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"split":{"kind":"asGiven"}}""", "split.kind", "one part" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"split":{"train":0.9,"validation":0.2}}""", "split", "below 1" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"split":{"kind":"leaveOneOut","train":0.7}}""", "split.train", "no such share" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"split":{"kind":"leaveOneOut","validation":0.1}}""", "split.validation", "no such share" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"backbone":"mf","layers":2}""", "layers", "2 was given; it is for ngcf and lightgcn, and the backbone is mf" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"messageDropout":0.5}""", "messageDropout", "0.5 was given; it is for ngcf, and the backbone is lightgcn" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"loss":"bpr","negatives":64}""", "negatives", "the loss is bpr" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"backbone":"mf","retrainEpochs":0}""", "retrainEpochs", "0 was given" },
        { """{"dataset":"example","budget":{"sparsity":1e400}}""", "budget.sparsity", "1e400 was given; a number that float64 holds" },
        { """{"dataset":"example","budget":{"sparsity":0.5},"learningRate":-1e39}""", "learningRate", "-1e39 was given; a number that float32 holds" },
        { """{"dataset":"\ud800","budget":{"sparsity":0.5}}""", "dataset", "a text" },
        { """{"\ud800":1}""", "", "not valid JSON" },
        { """{"dataset":"example",""", "", "not valid JSON" },
        { "[1]", "", "JSON object" },
        { """{"dataset":"example","dataset":"example","budget":{"sparsity":0.5}}""", "", "not valid JSON" },
    };

    [Theory]
    [MemberData(nameof(WrongSearches))]
    public async Task A_wrong_search_is_refused_with_the_field_and_what_would_do(string body, string field, string message)
    {
        using var response = await Server.Client.PostAsync(
            "/v1/searches", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await ProblemOf(response);
        Assert.Equal("urn:bet:problem:invalid-request", problem.GetProperty("type").GetString());
        var error = problem.GetProperty("errors").EnumerateArray().First();
        Assert.Equal(field, error.GetProperty("field").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString());
        var searches = await Server.GetJson("/v1/searches?dataset=nope");
        Assert.Equal(0, searches.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_request_is_UTF_8_with_or_without_a_byte_order_mark()
    {
        using var latin = await Server.Client.PostAsync("/v1/searches", Body([.. """{"dataset":"caf"""u8, 0xE9, .. "\"}"u8]));
        Assert.Equal(HttpStatusCode.BadRequest, latin.StatusCode);
        Assert.Contains("not UTF-8", (await ProblemOf(latin)).GetProperty("detail").GetString());
        using var marked = await Server.Client.PostAsync("/v1/searches", Body([0xEF, 0xBB, 0xBF, .. """{"dataset":"nope","budget":{"sparsity":0.5}}"""u8]));
        Assert.Contains("no data set has the id 'nope'", (await ProblemOf(marked)).GetProperty("detail").GetString());

        static ByteArrayContent Body(byte[] json) => new(json) { Headers = { ContentType = new("application/json") } };
    }

    public static TheoryData<string, string, string> WrongUploads => new()
    {
        { "", "", "empty file" },
        { "\n\n", "", "empty" },
        { "user,item\n1,2\n3\n4,5\n", "?format=delimited&delimiter=comma", "line 3" },
        { "PK\u0003\u0004\0\0\0\0binary\0\0", "", "expected UTF-8 text" },
        { "1 2 3\n", "?format=parquet", "one of auto, adjacency, delimited, movielens" },
        { "1,2,x\n", "?ratingColumn=3&ratingThreshold=much", "a number" },
        { "1 2 3\n", "?fromat=adjacency", "no such field" },
        { "a,b\n", "?delimiter=%00%00", "one character" },
        { "1 31 5\n1 40 3\n", "", "format=delimited&delimiter=space" },
        { "ts,device_id,app_id\n5,7,3\n", "", "userColumn and itemColumn" },
        { "user,item,label\n1,2,0\n1,3,1\n", "", "ratingColumn=label&ratingThreshold=1" },
    };

    [Theory]
    [MemberData(nameof(WrongUploads))]
    public async Task A_wrong_file_is_refused_with_its_line_and_nothing_stays(string text, string query, string message)
    {
        var before = FilesIn(Server.Folder);
        using var response = await Server.Upload(text, query);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(message, (await ProblemOf(response)).GetProperty("detail").GetString());
        Assert.Equal(before, FilesIn(Server.Folder));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Server.Folder, "tmp")));
    }

    public static TheoryData<string, string, string?, string> WrongColumns => new()
    {
        { "?userColumn=nope", "userColumn", "nope", "column 'nope' (userColumn) in the header" },
        { "?userColumn=UserColumn", "userColumn", "UserColumn", "column 'UserColumn' (userColumn) in the header" },
        { "?timestampColumn=9", "timestampColumn", "9", "at least 9 columns (timestampColumn)" },
        { "?itemColumn=0", "itemColumn", "0", "itemColumn is 0, but positions are counted from 1" },
        { "?ratingColumn=2", "ratingColumn", "2", "ratingColumn needs a ratingThreshold" },
        { "?format=adjacency&header=true", "header", "true", "have no header" },
        { "?part=test", "train", null, "test came without it" },
    };

    [Theory]
    [MemberData(nameof(WrongColumns))]
    public async Task A_wrong_column_is_refused_with_its_field(string query, string field, string? given, string message)
    {
        using var response = await Server.Upload("UserColumns,b\n1,2\n3,4\n", query);
        await CheckRefusal(response, field, given, message);
    }

    [Fact]
    public async Task Parts_that_make_no_data_set_are_refused_by_name()
    {
        await Refused("train", null, "test came without it", "test");
        await Refused("file", "file.txt", "it came beside train", "train", "file");
        await Refused("fil", "fil.txt", "there are file, train, test, which are files, and the fields name, part", "fil");

        using var twice = new MultipartFormDataContent { { new StringContent("a"), "name" }, { new StringContent("b"), "name" } };
        using var response = await Server.Client.PostAsync("/v1/datasets", twice);
        await CheckRefusal(response, "name", null, "it came twice");

        async Task Refused(string field, string? given, string message, params string[] parts)
        {
            using var form = new MultipartFormDataContent();
            foreach (string part in parts)
                form.Add(new StringContent("1 2\n"), part, $"{part}.txt");
            using var answer = await Server.Client.PostAsync("/v1/datasets", form);
            await CheckRefusal(answer, field, given, message);
        }
    }

    public static TheoryData<string, string, string, string> WrongParameters => new()
    {
        { "/v1/searches?limit=abc", "limit", "abc", "a whole number from 1 to 100" },
        { "/v1/searches?limit=101", "limit", "101", "a whole number from 1 to 100" },
        { "/v1/searches?limit=1&limit=2", "limit", "1,2", "a whole number from 1 to 100" },
        { "/v1/searches?state=2", "state", "2", "one of queued, running" },
        { "/v1/searches?status=failed", "status", "failed", "there are state, dataset, label, limit, cursor" },
        { "/v1/searches/s1/events?after=x", "after", "x", "a whole number" },
        { "/v1/searches/s1/events?limit=", "limit", "", "a whole number from 1 to 1000" },
        { "/v1/datasets?dataset=d1", "dataset", "d1", "there are limit, cursor" },
        { "/v1/tables?datset=d1", "datset", "d1", "there are dataset, name, limit, cursor" },
        { "/v1/datasets/example?limit=1", "limit", "1", "this operation has none" },
        { "/v1/datasets/example/ids/people", "side", "people", "one of users, items" },
    };

    [Theory]
    [MemberData(nameof(WrongParameters))]
    public async Task A_wrong_parameter_is_refused_with_what_would_do(string path, string field, string given, string message)
    {
        using var response = await Server.Client.GetAsync(path);
        await CheckRefusal(response, field, given, message);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/health/ready?from=probe")]
    [InlineData("/metrics")]
    [InlineData("/")]
    public async Task Probes_may_ask_with_HEAD(string path)
    {
        using var response = await Server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Ids_with_commas_and_unicode_are_kept()
    {
        const string Text = "user,item\n\"Müller, Änne\",\"tea, 紅茶\"\n\"Müller, Änne\",🍪\nбоб,🍪\n";
        using var response = await Server.Upload(Text, "?name=%E7%B4%85%E8%8C%B6&delimiter=comma");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var dataset = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("紅茶", dataset.GetProperty("name").GetString());
        Assert.Equal(2, dataset.GetProperty("summary").GetProperty("users").GetInt32());
        Assert.Equal(2, dataset.GetProperty("summary").GetProperty("items").GetInt32());
        Assert.Equal(3, dataset.GetProperty("summary").GetProperty("interactions").GetInt32());
        Assert.Equal(
            """{"format":"delimited","delimiter":",","header":true,"userColumn":"user","itemColumn":"item","ratingColumn":null,"timestampColumn":null}""",
            dataset.GetProperty("summary").GetProperty("reading").GetRawText());
        using var deleted = await Server.Client.DeleteAsync(response.Headers.Location);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await Server.Client.GetAsync(response.Headers.Location);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Train_and_test_parts_come_in_one_upload()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("1 10 11\n2 10\n"), "train", "train.txt" },
            { new StringContent("1 12\n"), "test", "test.txt" },
            { new StringContent("adjacency"), "format" },
            { new StringContent("in parts"), "name" },
        };
        using var response = await Server.Client.PostAsync("/v1/datasets", form);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var dataset = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("in parts", dataset.GetProperty("name").GetString());
        Assert.Equal(4, dataset.GetProperty("summary").GetProperty("interactions").GetInt32());
        Assert.Equal(1, dataset.GetProperty("summary").GetProperty("testInteractions").GetInt32());
    }

    [Theory]
    [InlineData("ratings 2024.csv", "ratings 2024.csv")]
    [InlineData("C:\\data\\ratings.csv", "ratings.csv")]
    [InlineData("../../etc/紅茶.csv", "紅茶.csv")]
    [InlineData("folder/", "unnamed")]
    [InlineData(null, "unnamed")]
    public async Task A_data_set_without_a_name_is_called_as_its_file_is(string? file, string expected)
    {
        var content = new StringContent("1 2\n2 2\n");
        content.Headers.ContentDisposition = new("form-data") { Name = "file", FileNameStar = file };
        using var form = new MultipartFormDataContent { content };
        using var response = await Server.Client.PostAsync("/v1/datasets", form);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(expected, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("GET", "/v1/datasets/nope", 404)]
    [InlineData("DELETE", "/v1/datasets/nope", 404)]
    [InlineData("GET", "/v1/searches/nope", 404)]
    [InlineData("POST", "/v1/searches/nope/cancel", 404)]
    [InlineData("GET", "/v1/searches/nope/trials", 404)]
    [InlineData("GET", "/v1/searches/nope/events", 404)]
    [InlineData("GET", "/v1/searches/nope/artifacts", 404)]
    [InlineData("GET", "/v1/searches/nope/artifacts/..%2f..%2fbet.db", 404)]
    [InlineData("GET", "/v1/searches/nope/bundle", 404)]
    [InlineData("GET", "/v1/searches?limit=0", 400)]
    [InlineData("GET", "/v1/searches?limit=many", 400)]
    [InlineData("GET", "/v1/searches?state=happy", 400)]
    [InlineData("GET", "/v1/searches?cursor=%F0%9F%8D%AA", 400)]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("PUT", "/v1/searches", 405)]
    public async Task What_is_not_there_is_a_problem_document(string method, string path, int status)
    {
        using var response = await Server.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status, (await ProblemOf(response)).GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task An_upload_over_the_cap_is_refused_and_nothing_stays()
    {
        await using var server = await ServerProcess.Start(null, "--Bet:MaximumUploadBytes=2000", "--Bet:MaximumExpandedBytes=3000");
        var before = FilesIn(server.Folder);
        using var declared = await server.Upload(string.Concat(Enumerable.Repeat("1 2\n", 1000)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, declared.StatusCode);
        using var chunked = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/datasets")
        {
            Content = new StreamContent(new MemoryStream(new byte[5000])),
            Headers = { TransferEncodingChunked = true },
        });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, chunked.StatusCode);
        using var field = new MultipartFormDataContent { { new StringContent(new string('x', 3000)), "name" } };
        using var fields = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/datasets")
        {
            Content = field,
            Headers = { TransferEncodingChunked = true },
        });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, fields.StatusCode);
        using var expanding = await server.Client.PostAsync("/v1/datasets", new ByteArrayContent(Zipped(100_000)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, expanding.StatusCode);
        Assert.Equal("too-large", (await ProblemOf(expanding)).GetProperty("code").GetString());
        Assert.Equal(before, FilesIn(server.Folder));
    }

    [Fact]
    public async Task Two_declared_gigabytes_are_refused_before_they_are_sent()
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, Server.Client.BaseAddress!.Port);
        var stream = tcp.GetStream();
        await stream.WriteAsync("POST /v1/datasets HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2147483648\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream);
        Assert.Contains("413", await reader.ReadLineAsync());
    }

    private static byte[] Zipped(int lines)
    {
        using var bytes = new MemoryStream();
        using (var zip = new System.IO.Compression.GZipStream(bytes, System.IO.Compression.CompressionLevel.SmallestSize))
        {
            for (int i = 0; i < lines; i++)
                zip.Write("1 2\n"u8);
        }

        return bytes.ToArray();
    }

    private static List<string> FilesIn(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order().ToList();

    private static async Task CheckRefusal(HttpResponseMessage response, string field, string? given, string message)
    {
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = (await ProblemOf(response)).GetProperty("errors").EnumerateArray().First();
        Assert.Equal(field, error.GetProperty("field").GetString());
        Assert.Equal(given, error.GetProperty("given").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString());
    }

    private static async Task<JsonElement> ProblemOf(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
