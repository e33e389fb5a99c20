using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Bet.Bench.Cluster;

/// <summary>At the settings of production: how long a step waits when its worker is killed or asked to end, and how long a cancel takes.</summary>
public static class HandoverCommand
{
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5 };
        var results = new Option<string>("--results")
        {
            Description = "a file that a line is added to",
            DefaultValueFactory = _ => "bench/results/cluster/handover.jsonl",
        };
        var command = new Command("handover", "kill workers, ask them to end and cancel searches from another process, and time what follows");
        command.Add(rounds);
        command.Add(results);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var cluster = await TestCluster.Create(TestCluster.Server, "--threads", "1");
            var api = await cluster.StartNode("--role", "api");
            var other = await cluster.StartNode("--role", "api");
            var workers = new List<ServerNode> { await cluster.StartNode("--role", "worker"), await cluster.StartNode("--role", "worker") };
            await api.Post("/v1/datasets/example");
            var (kills, leaves, ends, cancels) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            for (int round = 0; round < parsed.GetValue(rounds); round++)
            {
                string self = (await api.Post("/v1/searches", LongTraining(round + 1))).GetProperty("links").GetProperty("self").GetString()!;
                var before = await TakenBy(api, null, cancel);

                var clock = Stopwatch.StartNew();
                Take(workers, before.Id).Kill();
                var next = await TakenBy(api, before.Worker, cancel);
                kills.Add(clock.Elapsed.TotalSeconds);
                workers.Add(await cluster.StartNode("--role", "worker"));

                clock.Restart();
                var leaving = Take(workers, next.Id).Leave();
                await TakenBy(api, next.Worker, cancel);
                leaves.Add(clock.Elapsed.TotalSeconds);
                ends.Add((await leaving).TotalSeconds);
                workers.Add(await cluster.StartNode("--role", "worker"));

                clock.Restart();
                await other.Post($"{self}/cancel");
                while ((await api.Get(self)).GetProperty("state").GetString() != "cancelled")
                    await Task.Delay(20, cancel);
                cancels.Add(clock.Elapsed.TotalSeconds);
            }

            ResultLines.Append(parsed.GetValue(results)!, new
            {
                Rounds = parsed.GetValue(rounds),
                KilledUntilTakenSeconds = Spread(kills),
                AskedToEndUntilTakenSeconds = Spread(leaves),
                AskedToEndUntilEndedSeconds = Spread(ends),
                CancelUntilCancelledSeconds = Spread(cancels),
            });
        });
        return command;
    }

    /// <summary>A search whose first training takes longer than a round.</summary>
    private static object LongTraining(int seed) => new
    {
        dataset = "example",
        backbone = "lightgcn",
        budget = new { sparsity = 0.7 },
        effort = "quick",
        seed,
        maximumSize = 128,
        pretrainEpochs = 10_000,
    };

    /// <summary>Waits until a worker other than the given one has trained for a moment: its name, which ends in its process and a random part, and the process.</summary>
    private static async Task<(string Worker, int Id)> TakenBy(ServerNode api, string? notBy, CancellationToken cancel)
    {
        while (true)
        {
            foreach (var worker in (await api.Get("/v1/workers")).EnumerateArray())
            {
                string name = worker.GetProperty("name").GetString()!;
                bool trains = worker.GetProperty("steps").EnumerateArray().Any(step => step.GetProperty("step").GetString() == "pretrain");
                if (trains && name != notBy)
                    return (name, int.Parse(name.Split('-')[^2], CultureInfo.InvariantCulture));
            }

            await Task.Delay(20, cancel);
        }
    }

    private static ServerNode Take(List<ServerNode> workers, int id)
    {
        var worker = workers.Single(worker => worker.Id == id);
        workers.Remove(worker);
        return worker;
    }

    private static object Spread(List<double> seconds) => new
    {
        Median = Math.Round(seconds.Order().ElementAt(seconds.Count / 2), 2),
        Most = Math.Round(seconds.Max(), 2),
    };
}
