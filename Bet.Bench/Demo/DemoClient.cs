using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Bet.Engine.Data;

namespace Bet.Bench.Demo;

/// <summary>The service as any client sees it: JSON over HTTP, no type shared with the server.</summary>
public sealed class DemoClient(Uri url) : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient http = new() { BaseAddress = url, Timeout = TimeSpan.FromMinutes(10) };
    private readonly ProgressLine progress = new(Console.Out, !Console.IsOutputRedirected);

    public async Task WaitUntilReady(CancellationToken cancel)
    {
        var limit = DateTime.UtcNow + StartLimit;
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync("/health/ready", cancel);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException) when (DateTime.UtcNow < limit)
            {
                // Not listening yet.
            }

            if (DateTime.UtcNow >= limit)
                throw new DemoException($"the server at {url} was not ready within {StartLimit.TotalSeconds} s", false);
            await Task.Delay(PollInterval, cancel);
        }
    }

    /// <summary>Uploads the files; the data set's id.</summary>
    public async Task<string> Upload(
        string name, IReadOnlyList<DatasetFile> files, IReadOnlyDictionary<string, string> fields, CancellationToken cancel)
    {
        using var form = new MultipartFormDataContent { { new StringContent(name), "name" } };
        foreach (var (field, value) in fields)
            form.Add(new StringContent(value), field);
        foreach (var file in files)
        {
            string part = file.Part switch { FilePart.Train => "train", FilePart.Test => "test", _ => "file" };
            form.Add(new StreamContent(file.Open()), part, file.Name);
        }

        using var answer = await http.PostAsync("/v1/datasets", form, cancel);
        var dataset = await Read(answer, cancel);
        Console.WriteLine($"data set {name}: {Describe(dataset)}");
        return dataset.GetProperty("id").GetString()!;
    }

    /// <summary>Starts a search with a random split, of recommenders the paper's, 50/25/25 per user; where to follow it.</summary>
    public async Task<string> Search(string dataset, DemoRequest request, CancellationToken cancel)
    {
        using var answer = await http.PostAsJsonAsync(
            "/v1/searches",
            new
            {
                dataset,
                backbone = request.Backbone,
                budget = new { sparsity = request.Sparsity },
                effort = request.Effort,
                seed = request.Seed,
                split = new { kind = "random" },
            },
            cancel);
        var search = await Read(answer, cancel);
        Console.WriteLine($"search {search.GetProperty("id").GetString()}: {request.Backbone}, {request.Effort}, "
            + $"sparsity {request.Sparsity.ToString(CultureInfo.InvariantCulture)}, seed {request.Seed}");
        return answer.Headers.Location!.ToString();
    }

    /// <summary>Shows how far the search is until it has succeeded; its last state.</summary>
    public async Task<JsonElement> Follow(string location, CancellationToken cancel)
    {
        while (true)
        {
            using var answer = await http.GetAsync(location, cancel);
            var search = await Read(answer, cancel);
            progress.Show(search);
            string state = search.GetProperty("state").GetString()!;
            if (state is "queued" or "running" or "cancelling")
            {
                await Task.Delay(PollInterval, cancel);
                continue;
            }

            progress.End();
            return state == "succeeded"
                ? search
                : throw new DemoException($"the search has {state}: {ErrorOf(search)}", byRequest: false);
        }
    }

    /// <summary>Every artifact on its own, and all of them as bundle.zip; the files' names.</summary>
    public async Task<string[]> Download(JsonElement search, DirectoryInfo folder, CancellationToken cancel)
    {
        var links = search.GetProperty("links");
        using var answer = await http.GetAsync(links.GetProperty("artifacts").GetString(), cancel);
        var names = new List<string>();
        folder.Create();
        foreach (var artifact in (await Read(answer, cancel)).EnumerateArray())
        {
            string name = Path.GetFileName(artifact.GetProperty("name").GetString()!);
            await Save(artifact.GetProperty("url").GetString()!, Path.Combine(folder.FullName, name), cancel);
            names.Add(name);
        }

        await Save(links.GetProperty("bundle").GetString()!, Path.Combine(folder.FullName, "bundle.zip"), cancel);
        return [.. names, "bundle.zip"];
    }

    public void Dispose() => http.Dispose();

    private static string Describe(JsonElement dataset)
    {
        if (dataset.GetProperty("clicks") is { ValueKind: JsonValueKind.Object } clicks)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{clicks.GetProperty("rows").GetInt64():N0} samples, {clicks.GetProperty("positiveShare").GetDouble():P1} of them clicks; {clicks.GetProperty("numbers").GetArrayLength()} numbers, {clicks.GetProperty("fields").GetArrayLength()} fields of {clicks.GetProperty("categories").GetInt64():N0} categories");
        }

        var summary = dataset.GetProperty("summary");
        return string.Join(", ", new[] { "users", "items", "interactions" }
            .Select(key => $"{summary.GetProperty(key).GetInt64().ToString("N0", CultureInfo.InvariantCulture)} {key}"));
    }

    private async Task Save(string address, string path, CancellationToken cancel)
    {
        using var answer = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (!answer.IsSuccessStatusCode)
            await Read(answer, cancel);
        await using var file = File.Create(path);
        await answer.Content.CopyToAsync(file, cancel);
    }

    private static async Task<JsonElement> Read(HttpResponseMessage answer, CancellationToken cancel)
    {
        string text = await answer.Content.ReadAsStringAsync(cancel);
        if (answer.IsSuccessStatusCode)
            return JsonElement.Parse(text);
        throw new DemoException(
            $"the server refuses ({(int)answer.StatusCode}): {Problem(text)}", answer.StatusCode < HttpStatusCode.InternalServerError);
    }

    /// <summary>Problem details (RFC 9457) in one line.</summary>
    private static string Problem(string text)
    {
        try
        {
            var problem = JsonElement.Parse(text);
            var fields = problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
                ? errors.EnumerateArray().Select(e => $"{Text(e, "field")}: {Text(e, "message")}")
                : [];
            return string.Join("; ", new[] { Text(problem, "title"), Text(problem, "detail") }
                .Concat(fields).Where(part => part.Length > 0));
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static string ErrorOf(JsonElement search) =>
        search.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
            ? Text(error, "message")
            : "no reason was given";

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
