using System.CommandLine;
using System.Diagnostics;
using Bet.Engine.Search;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Bench.Cluster;

/// <summary>Many searches wait: how fast they are taken in, and how long requests and claims take while they wait.</summary>
public static class QueueCommand
{
    private const int Clients = 8;
    private const string Waiting = "waits";

    /// <summary>Seconds of requests, and steps, that do not count: code is compiled when it is first run.</summary>
    private const int Warm = 5;

    public static Command Create()
    {
        var searches = new Option<int>("--searches") { DefaultValueFactory = _ => 10_000 };
        var rate = new Option<int>("--rate") { Description = "requests a second", DefaultValueFactory = _ => 200 };
        var seconds = new Option<int>("--seconds") { Description = "of requests", DefaultValueFactory = _ => 20 };
        var workers = new Option<int>("--workers") { Description = "processes that work meanwhile, one thread each", DefaultValueFactory = _ => 2 };
        var results = new Option<string>("--results")
        {
            Description = "a file that a line is added to",
            DefaultValueFactory = _ => "bench/results/cluster/queue.jsonl",
        };
        var command = new Command("queue", "fill the queue of a cluster and measure requests and steps beside it");
        foreach (var option in new Option[] { searches, rate, seconds, workers, results })
            command.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var cluster = await TestCluster.Create(TestCluster.Server, "--threads", "1");
            var api = await cluster.StartNode("--role", "api");
            await api.Post("/v1/datasets/example");
            int count = parsed.GetValue(searches);
            var clock = Stopwatch.StartNew();
            await Parallel.ForEachAsync(
                Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = cancel },
                async (i, _) => await api.Post("/v1/searches", Search(i, Waiting)));
            double accepted = count / clock.Elapsed.TotalSeconds;
            Console.WriteLine(FormattableString.Invariant($"{accepted:0} searches a second accepted, {count} wait"));

            for (int i = 0; i < parsed.GetValue(workers); i++)
                await cluster.StartNode("--role", "worker", "--queues", "works");
            var working = await api.Post("/v1/searches", Search(1, "works", trials: 1000));
            string self = working.GetProperty("links").GetProperty("self").GetString()!;
            _ = await Load(api, self, parsed.GetValue(rate), Warm, cancel);
            var (status, list) = await Load(api, self, parsed.GetValue(rate), parsed.GetValue(seconds), cancel);
            var steps = TimeSteps(cluster, Math.Min(count, 300));
            ResultLines.Append(parsed.GetValue(results)!, new
            {
                Searches = count,
                AcceptedPerSecond = Math.Round(accepted),
                Rate = parsed.GetValue(rate),
                Workers = parsed.GetValue(workers),
                StatusMilliseconds = Quantiles(status),
                ListMilliseconds = Quantiles(list),
                ClaimAndEndMilliseconds = Quantiles(steps),
            });
        });
        return command;
    }

    private static object Search(int seed, string queue, int trials = 3) => new
    {
        dataset = "example",
        backbone = "mf",
        budget = new { sparsity = 0.7 },
        effort = "quick",
        seed,
        queue,
        trials,
        parallelTrials = 2,
        maximumSize = 16,
        candidates = 20,
        pretrainEpochs = 4,
        fineTuneEpochs = 1,
        retrainEpochs = 4,
    };

    /// <summary>Requests at a steady rate, whether or not the ones before are answered; milliseconds of each.</summary>
    private static async Task<(List<double> Status, List<double> List)> Load(
        ServerNode api, string self, int rate, int seconds, CancellationToken cancel)
    {
        var status = new List<double>();
        var list = new List<double>();
        var pending = new List<Task>();
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < rate * seconds; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / rate);
            if (due > clock.Elapsed)
                await Task.Delay(due - clock.Elapsed, cancel);
            bool listing = i % 20 == 19;
            pending.Add(Timed(api, listing ? "/v1/searches?state=queued&limit=50" : self, listing ? list : status));
        }

        await Task.WhenAll(pending);
        return (status, list);
    }

    private static async Task Timed(ServerNode api, string path, List<double> into)
    {
        var clock = Stopwatch.StartNew();
        await api.Get(path);
        lock (into)
            into.Add(clock.Elapsed.TotalMilliseconds);
    }

    /// <summary>Milliseconds to claim a step and to record its end, one after the other, as a worker does around its work.</summary>
    private static List<double> TimeSteps(TestCluster cluster, int steps)
    {
        using var folder = new DataFolder(cluster.Folder, isShared: true);
        var store = new SearchStore(
            new PostgresDatabase(cluster.Connection, TimeSpan.FromSeconds(10)), new DirectoryBlobStore(folder.Blobs, folder.Temporary));
        var times = new List<double>();
        for (int i = -Warm; i < steps; i++)
        {
            var clock = Stopwatch.StartNew();
            var claimed = store.ClaimStep("bench", [Waiting], TimeSpan.FromMinutes(1)) ?? throw new InvalidOperationException("nothing waits");
            var plan = new SearchPlan(SearchJson.Read<SearchOptions>(claimed.Search.Options));
            store.EndStep(claimed.Claim, plan, new StepTold(0, "{}"));
            if (i >= 0)
                times.Add(clock.Elapsed.TotalMilliseconds);
        }

        return times;
    }

    private static object Quantiles(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        double At(double share) => sorted.Length == 0 ? double.NaN : Math.Round(sorted[(int)(share * (sorted.Length - 1))], 1);
        return new { P50 = At(0.5), P99 = At(0.99), Most = At(1) };
    }
}
