using System.Diagnostics;
using System.Text.Json;

namespace Bet.Bench;

/// <summary>One run of a peer.</summary>
/// <param name="Milliseconds">Of the work done once, as the peer measured it.</param>
/// <param name="Check">A number that ours must agree on; null where the peer has none.</param>
/// <param name="PeakMegabytes">The most memory it held so far, in millions of bytes; null where it does not tell.</param>
public readonly record struct PeerRun(double Milliseconds, double? Check, double? PeakMegabytes = null);

/// <summary>A script of bench/peers, started once and asked to run as often as ours runs.</summary>
public sealed class Peer : IDisposable
{
    private readonly Process process;

    private Peer(Process process) => this.process = process;

    /// <summary>The peer's own words: system, version, formulation; or why it is not there.</summary>
    public string Description { get; private set; } = "";

    /// <summary>Starts a script and waits until it is warm. Null, with the reason, where it cannot run here.</summary>
    public static (Peer? Peer, string Description) Start(string python, string script, IEnumerable<string> arguments)
    {
        string path = Path.Combine(Repository.Root, "bench", "peers", script);
        if (!File.Exists(path))
            return (null, $"no peer: {path} is not there");
        return Start(new ProcessStartInfo(python, [path, .. arguments])
        {
            Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1" },
        });
    }

    /// <summary>Starts this program in a process of its own, with further environment variables.</summary>
    /// <exception cref="InvalidOperationException">It does not start.</exception>
    public static Peer Ours(IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        string program = Environment.ProcessPath!;
        bool host = Path.GetFileNameWithoutExtension(program) == "dotnet";
        string assembly = Path.Combine(AppContext.BaseDirectory, $"{typeof(Peer).Assembly.GetName().Name}.dll");
        var start = new ProcessStartInfo(program, host ? [assembly, .. arguments] : arguments);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var (peer, description) = Start(start);
        return peer ?? throw new InvalidOperationException(description);
    }

    private static (Peer? Peer, string Description) Start(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (null, $"no peer: {start.FileName} does not start ({e.Message})");
        }

        var peer = new Peer(process);
        var answer = peer.Read();
        if (answer is { } ready && ready.TryGetProperty("ready", out var words))
        {
            peer.Description = words.GetString()!;
            return (peer, peer.Description);
        }

        string why = answer is { } other && other.TryGetProperty("missing", out var missing)
            ? missing.GetString()!
            : $"{string.Join(' ', start.ArgumentList.Take(2))} ended before it was ready";
        peer.Dispose();
        return (null, $"no peer: {why}");
    }

    /// <summary>Does the work so many times, one right after the other.</summary>
    public PeerRun Run(int times = 1)
    {
        var answer = Ask($"run {times}");
        return new PeerRun(answer.GetProperty("ms").GetDouble(), Number(answer, "check"), Number(answer, "peak_mb"));
    }

    /// <summary>Writes a line and reads the answer.</summary>
    public JsonElement Ask(string line)
    {
        process.StandardInput.WriteLine(line);
        process.StandardInput.Flush();
        return Read() ?? throw new InvalidOperationException($"the peer ended in the middle: {Description}");
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.StandardInput.Close();
            if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
                process.Kill();
        }

        process.Dispose();
    }

    private static double? Number(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private JsonElement? Read() =>
        process.StandardOutput.ReadLine() is { } line ? JsonElement.Parse(line) : null;
}
