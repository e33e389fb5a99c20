using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Bet.Tests.Api;

/// <summary>The built server as a process of its own, on a free loopback port, with a folder of its own.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly bool ownsFolder;
    private readonly ConcurrentQueue<string> output = new();

    private ServerProcess(Process process, string folder, bool ownsFolder)
    {
        this.process = process;
        this.ownsFolder = ownsFolder;
        Folder = folder;
        Client = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
    }

    public string Folder { get; }

    public HttpClient Client { get; }

    public string Output => string.Join('\n', output);

    public static string NewFolder() => Path.Combine(Path.GetTempPath(), $"bet-test-{Guid.NewGuid():N}");

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <param name="folder">Its data; null for a new folder that goes when the server does.</param>
    /// <param name="args">More of the command line.</param>
    public static async Task<ServerProcess> Start(string? folder = null, params string[] args)
    {
        string data = folder ?? NewFolder();
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = Launch(["--urls", "http://127.0.0.1:0", "--data", data, .. args]);
        var server = new ServerProcess(process, data, folder is null);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException("the server ended: " + server.Output));
        process.ErrorDataReceived += (_, line) => server.output.Enqueue(line.Data ?? "");
        process.OutputDataReceived += (_, line) =>
        {
            server.output.Enqueue(line.Data ?? "");
            const string Announcement = "Now listening on: ";
            int at = line.Data?.IndexOf(Announcement, StringComparison.Ordinal) ?? -1;
            if (at >= 0)
                listening.TrySetResult(line.Data![(at + Announcement.Length)..].Trim());
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        server.Client.BaseAddress = new Uri(await listening.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        return server;
    }

    /// <summary>Runs a server that must refuse to start; answers its exit code and what it said.</summary>
    public static async Task<(int ExitCode, string Error)> RunToEnd(params string[] args)
    {
        var (exitCode, error, _) = await Run(args);
        return (exitCode, error);
    }

    /// <summary>Runs a server that ends by itself; answers its exit code and all that it said.</summary>
    public static async Task<(int ExitCode, string Error, string Output)> Run(params string[] args)
    {
        using var process = Launch(args);
        var output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error, await output);
    }

    /// <summary>SIGTERM, as whoever runs it asks it to end; answers its exit code.</summary>
    public async Task<int> End()
    {
        using var asking = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public Task<HttpResponseMessage> PostJson(string path, object body, string? idempotencyKey = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> Upload(string text, string query = "") =>
        Client.PostAsync($"/v1/datasets{query}", new StringContent(text, Encoding.UTF8, "text/plain"));

    public async Task<JsonElement> GetJson(string path) => await Client.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Waits until a search has ended.</summary>
    public async Task<JsonElement> WaitForEnd(string id)
    {
        for (int attempt = 0; attempt < 4; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/searches/{id}");
            request.Headers.Add("Prefer", "wait=30");
            using var response = await Client.SendAsync(request);
            var search = await response.Content.ReadFromJsonAsync<JsonElement>();
            if (search.GetProperty("state").GetString() is "succeeded" or "failed" or "cancelled")
                return search;
        }

        throw new TimeoutException($"search {id} does not end: {Output}");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        if (ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }

    private static Process Launch(string[] args)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Bet.Api.dll"));
        foreach (string arg in args)
            start.ArgumentList.Add(arg);
        foreach (string name in new[] { "ASPNETCORE_URLS", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT" })
            start.Environment.Remove(name);
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start");
    }
}

/// <summary>One server for all tests of a class, with the example data set.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    public ServerProcess Server { get; private set; } = null!;

    /// <summary>A search of the example that takes a moment.</summary>
    public static Dictionary<string, object> SmallSearch(params (string Name, object Value)[] changes)
    {
        var request = new Dictionary<string, object>
        {
            ["dataset"] = "example",
            ["backbone"] = "mf",
            ["budget"] = new { sparsity = 0.7 },
            ["effort"] = "quick",
            ["seed"] = 7,
            ["maximumSize"] = 16,
            ["trials"] = 3,
            ["candidates"] = 8,
            ["retrained"] = 1,
            ["pretrainEpochs"] = 4,
            ["fineTuneEpochs"] = 1,
            ["retrainEpochs"] = 4,
            ["batchSize"] = 1024,
        };
        foreach (var (name, value) in changes)
            request[name] = value;
        return request;
    }

    public async Task InitializeAsync()
    {
        Server = await ServerProcess.Start();
        using var response = await Server.Client.PostAsync("/v1/datasets/example", null);
        response.EnsureSuccessStatusCode();
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
