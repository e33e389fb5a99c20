using System.Diagnostics;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Bet.Bench.Cluster;

/// <summary>A server as a process of its own, on a free loopback port.</summary>
public sealed partial class ServerNode : IAsyncDisposable
{
    private const int Continue = 18, Stop = 19, Terminate = 15;
    private const string Announcement = "Now listening on: ";

    private readonly Process process;
    private readonly List<string> output = [];
    private bool isDisposed;

    private ServerNode(Process process) => this.process = process;

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>What it has said, for when something went wrong.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return string.Join('\n', output);
        }
    }

    /// <summary>Starts a server with these arguments and waits until it listens.</summary>
    public static async Task<ServerNode> Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string arg in new[] { Path.Combine(AppContext.BaseDirectory, "Bet.Api.dll"), "--urls", "http://127.0.0.1:0" }.Concat(args))
            start.ArgumentList.Add(arg);
        foreach (string name in new[] { "ASPNETCORE_URLS", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT" })
            start.Environment.Remove(name);
        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start");
        var node = new ServerNode(process);
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException("the server ended: " + node.Output));
        process.OutputDataReceived += (_, line) => node.Hear(line.Data, listening);
        process.ErrorDataReceived += (_, line) => node.Hear(line.Data, listening);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        node.Client.BaseAddress = new Uri(await listening.Task.WaitAsync(TimeSpan.FromMinutes(2)));
        return node;
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>SIGTERM; answers how long the process took to end.</summary>
    public async Task<TimeSpan> Leave()
    {
        var clock = Stopwatch.StartNew();
        Signal(Terminate);
        await process.WaitForExitAsync();
        return clock.Elapsed;
    }

    /// <summary>SIGSTOP: nothing of it runs until <see cref="Thaw"/>.</summary>
    public void Freeze() => Signal(Stop);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Signal(Continue);

    public Task<JsonElement> Get(string path) => Client.GetFromJsonAsync<JsonElement>(path);

    public async Task<JsonElement> Post(string path, object? body = null)
    {
        using var response = await Client.PostAsync(path, body is null ? null : JsonContent.Create(body));
        string text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonElement.Parse(text)
            : throw new InvalidOperationException($"POST {path}: {(int)response.StatusCode} {text}");
    }

    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        Client.Dispose();
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Hear(string? line, TaskCompletionSource<string> listening)
    {
        lock (output)
            output.Add(line ?? "");
        int at = line?.IndexOf(Announcement, StringComparison.Ordinal) ?? -1;
        if (at >= 0)
            listening.TrySetResult(line![(at + Announcement.Length)..].Trim());
    }

    private void Signal(int signal)
    {
        if (SendSignal(process.Id, signal) != 0)
            throw new InvalidOperationException($"signal {signal} cannot be sent to process {process.Id}");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
