using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Bet.Engine.Data;

namespace Bet.Bench.Demo;

/// <summary>Uploads, searches, follows and downloads: what any client does, with nothing but HTTP and JSON.</summary>
internal sealed class DemoClient(Uri server) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = server, Timeout = TimeSpan.FromMinutes(10) };

    public void Dispose() => http.Dispose();

    /// <summary>The search's final state; the bundle lies unpacked in the folder asked for.</summary>
    public async Task<JsonElement> RunAsync(DemoOptions options, IReadOnlyList<DatasetFile> files, CancellationToken cancel)
    {
        var dataset = await UploadAsync(files, cancel);
        var summary = dataset.GetProperty("summary");
        Console.WriteLine(
            $"data set {dataset.GetProperty("id")}: {summary.GetProperty("users")} users, " +
            $"{summary.GetProperty("items")} items, {summary.GetProperty("interactions")} interactions");
        var search = await StartAsync(options, dataset.GetProperty("id").GetString()!, cancel);
        var budget = search.GetProperty("budget");
        Console.WriteLine(
            $"search {search.GetProperty("id")}: at most {budget.GetProperty("maximumBytes").GetInt64():N0} bytes of the full " +
            $"table's {budget.GetProperty("fullBytes").GetInt64():N0}");
        search = await FollowAsync(search.GetProperty("links").GetProperty("self").GetString()!, cancel);
        await DownloadAsync(search.GetProperty("links").GetProperty("bundle").GetString()!, options.Out, cancel);
        return search;
    }

    private async Task<JsonElement> UploadAsync(IReadOnlyList<DatasetFile> files, CancellationToken cancel)
    {
        using var form = new MultipartFormDataContent();
        foreach (var file in files)
        {
            string part = file.Part == FilePart.All ? "file" : file.Part.ToString().ToLowerInvariant();
            form.Add(new StreamContent(file.Open()), part, file.Name);
        }

        return await ReadAsync(await http.PostAsync("/v1/datasets", form, cancel), cancel);
    }

    private async Task<JsonElement> StartAsync(DemoOptions options, string dataset, CancellationToken cancel)
    {
        var request = new
        {
            dataset,
            backbone = options.Backbone,
            budget = new { sparsity = options.Sparsity },
            effort = options.Effort.ToString().ToLowerInvariant(),
            seed = options.Seed,
            split = new { kind = "random" },
        };
        return await ReadAsync(await http.PostAsJsonAsync("/v1/searches", request, cancel), cancel);
    }

    private async Task<JsonElement> FollowAsync(string path, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var line = new ProgressLine();
        while (true)
        {
            var search = await ReadAsync(await http.GetAsync(path, cancel), cancel);
            string state = search.GetProperty("state").GetString()!;
            if (state is "succeeded" or "failed" or "cancelled")
            {
                line.End();
                return state == "succeeded"
                    ? search
                    : throw new DemoException($"the search {state}: {search.GetProperty("error")}");
            }

            line.Show(Describe(search, clock.Elapsed));
            await Task.Delay(1000, cancel);
        }
    }

    private static (string Step, string Text) Describe(JsonElement search, TimeSpan elapsed)
    {
        var progress = search.GetProperty("progress");
        string step = progress.GetProperty("step").GetString() ?? "queued";
        string text = $"{elapsed:mm\\:ss}  {progress.GetProperty("stepsDone")}/{progress.GetProperty("steps")}  " +
            $"{progress.GetProperty("detail").GetString() ?? step}";
        var best = search.GetProperty("best");
        if (best.ValueKind == JsonValueKind.Object)
            text += $"; best fitness {best.GetProperty("fitness").GetDouble():0.000}";
        var left = search.GetProperty("secondsLeft");
        if (left.ValueKind == JsonValueKind.Number)
            text += $"; about {TimeSpan.FromSeconds(left.GetDouble()):mm\\:ss} left";
        return (step, text);
    }

    private async Task DownloadAsync(string path, string folder, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        string zip = Path.Combine(folder, "bundle.zip");
        using (var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancel))
        {
            response.EnsureSuccessStatusCode();
            await using var file = File.Create(zip);
            await response.Content.CopyToAsync(file, cancel);
        }

        await ZipFile.ExtractToDirectoryAsync(zip, folder, overwriteFiles: true, cancel);
    }

    /// <summary>The answer's JSON; a problem document becomes an error that says what it says.</summary>
    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        using (response)
        {
            var body = await response.Content.ReadFromJsonAsync<JsonElement>(cancel);
            if (response.IsSuccessStatusCode)
                return body;
            throw new DemoException($"{(int)response.StatusCode}: {body}");
        }
    }

    /// <summary>Live progress: one line that is written over on a terminal, else a line whenever the step changes.</summary>
    private sealed class ProgressLine
    {
        private readonly bool terminal = !Console.IsOutputRedirected;
        private string shown = "";

        public void Show((string Step, string Text) progress)
        {
            if (terminal)
            {
                int width = Math.Max(20, Console.WindowWidth - 1);
                string text = progress.Text.Length > width ? progress.Text[..width] : progress.Text;
                Console.Write($"\r{text.PadRight(shown.Length)}");
                shown = text;
            }
            else if (progress.Step != shown)
            {
                Console.WriteLine(progress.Text);
                shown = progress.Step;
            }
        }

        public void End()
        {
            if (terminal)
                Console.WriteLine();
        }
    }
}
