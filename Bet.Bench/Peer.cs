using System.Diagnostics;
using System.Text.Json;

namespace Bet.Bench;

/// <summary>One run of a peer.</summary>
/// <param name="Milliseconds">As the peer measured it.</param>
/// <param name="Check">A number that ours must agree on; null where the peer has none.</param>
public readonly record struct PeerRun(double Milliseconds, double? Check);

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
        var start = new ProcessStartInfo(python, [path, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (null, $"no peer: {python} does not start ({e.Message})");
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
            : $"{script} ended before it was ready";
        peer.Dispose();
        return (null, $"no peer: {why}");
    }

    /// <summary>Does the work once.</summary>
    public PeerRun Run()
    {
        process.StandardInput.WriteLine("run");
        process.StandardInput.Flush();
        var answer = Read() ?? throw new InvalidOperationException($"the peer ended in the middle: {Description}");
        double? check = answer.TryGetProperty("check", out var value) ? value.GetDouble() : null;
        return new PeerRun(answer.GetProperty("ms").GetDouble(), check);
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

    private JsonElement? Read() =>
        process.StandardOutput.ReadLine() is { } line ? JsonElement.Parse(line) : null;
}
