using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Bet.Bench.Cluster;

/// <summary>
/// The status of a search that trains on all cores of the same process, asked for by wrk: 10 connections of 20 requests a
/// second each. Then the processor time of processes that have nothing to do.
/// </summary>
public static partial class StatusCommand
{
    private const int Connections = 10;

    public static Command Create()
    {
        var rate = new Option<int>("--rate") { Description = "requests a second", DefaultValueFactory = _ => 200 };
        var seconds = new Option<int>("--seconds") { Description = "of requests, and of idling", DefaultValueFactory = _ => 30 };
        var results = new Option<string>("--results")
        {
            Description = "a file that a line is added to",
            DefaultValueFactory = _ => "bench/results/cluster/status.jsonl",
        };
        var command = new Command("status", "ask for a search's status while it trains on all cores, by wrk; and what idle processes cost");
        foreach (var option in new Option[] { rate, seconds, results })
            command.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            int time = parsed.GetValue(seconds);
            await using var cluster = await TestCluster.Create(TestCluster.Server);
            var node = await cluster.StartNode("--role", "all");
            await node.Post("/v1/datasets/example");
            var search = await node.Post("/v1/searches", new
            {
                dataset = "example",
                backbone = "lightgcn",
                budget = new { sparsity = 0.7 },
                effort = "quick",
                maximumSize = 128,
                pretrainEpochs = 100_000,
            });
            string self = search.GetProperty("links").GetProperty("self").GetString()!;
            await Until(node, self, "pretrain", cancel);
            var before = Process.GetProcessById(node.Id).TotalProcessorTime;
            var (quantiles, perSecond, errors) = await Wrk(new Uri(node.Client.BaseAddress!, self), parsed.GetValue(rate), time, cancel);
            double cores = (Process.GetProcessById(node.Id).TotalProcessorTime - before).TotalSeconds / time;
            await node.Post($"{self}/cancel");
            while ((await node.Get(self)).GetProperty("finishedAt").ValueKind == System.Text.Json.JsonValueKind.Null)
                await Task.Delay(200, cancel);

            ServerNode[] idle = [node, await cluster.StartNode("--role", "worker"), await cluster.StartNode("--role", "api")];
            await Task.Delay(TimeSpan.FromSeconds(10), cancel);
            var used = idle.Select(each => Process.GetProcessById(each.Id).TotalProcessorTime).ToList();
            await Task.Delay(TimeSpan.FromSeconds(time), cancel);
            double[] share = [.. idle.Zip(used, (each, start) =>
                Math.Round((Process.GetProcessById(each.Id).TotalProcessorTime - start).TotalMilliseconds / time, 2))];
            ResultLines.Append(parsed.GetValue(results)!, new
            {
                RequestsPerSecond = perSecond,
                OtherAnswers = errors,
                P50Milliseconds = quantiles["50%"],
                P90Milliseconds = quantiles["90%"],
                P99Milliseconds = quantiles["99%"],
                CoresInUse = Math.Round(cores, 2),
                IdleMillisecondsASecond = new { All = share[0], Worker = share[1], Api = share[2] },
            });
        });
        return command;
    }

    private static async Task Until(ServerNode node, string self, string step, CancellationToken cancel)
    {
        while ((await node.Get(self)).GetProperty("progress") is var progress
            && (progress.GetProperty("step").GetString() != step || progress.GetProperty("stepFraction").GetDouble() == 0))
        {
            await Task.Delay(100, cancel);
        }
    }

    /// <summary>wrk keeps no rate of its own: each connection waits before a request, so an answer that is late makes the next one late.</summary>
    private static async Task<(Dictionary<string, double> Milliseconds, double PerSecond, int Errors)> Wrk(
        Uri address, int rate, int seconds, CancellationToken cancel)
    {
        string script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, FormattableString.Invariant($"function delay() return {1000 * Connections / rate} end\n"), cancel);
            var start = new ProcessStartInfo(
                "wrk", ["-t", "1", "-c", $"{Connections}", "-d", $"{seconds}s", "--latency", "-s", script, address.ToString()])
            {
                RedirectStandardOutput = true,
            };
            using var process = Start(start);
            string text = await process.StandardOutput.ReadToEndAsync(cancel);
            await process.WaitForExitAsync(cancel);
            if (process.ExitCode != 0)
                throw new UsageException($"wrk ended with {process.ExitCode}: {text}");
            var quantiles = Quantile().Matches(text).ToDictionary(match => match.Groups[1].Value, match => Milliseconds(match.Groups[2].Value));
            var refused = Refused().Match(text);
            return (quantiles, double.Parse(PerSecond().Match(text).Groups[1].Value, CultureInfo.InvariantCulture),
                refused.Success ? int.Parse(refused.Groups[1].Value, CultureInfo.InvariantCulture) : 0);
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new UsageException("wrk is not here: apt-get install wrk");
        }
    }

    /// <summary>"640.00us", "3.21ms", "1.02s".</summary>
    private static double Milliseconds(string text)
    {
        var (unit, factor) = text.EndsWith("us", StringComparison.Ordinal) ? ("us", 1e-3)
            : text.EndsWith("ms", StringComparison.Ordinal) ? ("ms", 1.0) : ("s", 1e3);
        return Math.Round(double.Parse(text[..^unit.Length], CultureInfo.InvariantCulture) * factor, 2);
    }

    [GeneratedRegex(@"^\s+(\d+%)\s+(\S+)$", RegexOptions.Multiline)]
    private static partial Regex Quantile();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex PerSecond();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex Refused();
}
