using System.CommandLine;
using System.Diagnostics;
using System.Net;

namespace Bet.Bench.Cluster;

/// <summary>The database is away for a while, in the middle of steps and at their ends.</summary>
public static class OutageCommand
{
    public static Command Create()
    {
        var outages = new Option<int>("--outages") { DefaultValueFactory = _ => 3 };
        var seconds = new Option<double>("--seconds") { Description = "of each", DefaultValueFactory = _ => 30 };
        var searches = new Option<int>("--searches") { DefaultValueFactory = _ => 4 };
        var command = new Command("outage", "stop PostgreSQL while workers search, and compare what comes out; for bench/with-postgres.sh");
        var results = new Option<string>("--results")
        {
            Description = "a file that a line is added to",
            DefaultValueFactory = _ => "bench/results/cluster/outage.jsonl",
        };
        foreach (var option in new Option[] { outages, seconds, searches, results })
            command.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            string control = Environment.GetEnvironmentVariable("BET_POSTGRES_CONTROL")
                ?? throw new UsageException("run bench/with-postgres.sh in front of the command: it says how to stop the server");
            var reference = new ReferenceSearches(parsed.GetValue(searches));
            await using var cluster = await TestCluster.Create(TestCluster.Server, ReferenceSearches.Arguments);
            var api = await cluster.StartNode("--role", "api");
            ServerNode[] nodes = [api, await cluster.StartNode("--role", "worker"), await cluster.StartNode("--role", "worker")];
            string[] ids = await reference.Begin(api);
            var random = new Random(1);
            int met = 0;
            double slowest = 0;
            for (int outage = 0; outage < parsed.GetValue(outages); outage++)
            {
                await Task.Delay(TimeSpan.FromSeconds(1 + (random.NextDouble() * 3)), cancel);
                met += await ReferenceSearches.AllEnded(api, ids) ? 0 : 1;
                await Run(control, "stop");
                using var refused = await api.Client.GetAsync($"/v1/searches/{ids[0]}", cancel);
                if (refused.StatusCode != HttpStatusCode.ServiceUnavailable)
                    throw new InvalidOperationException($"without a database the answer is {refused.StatusCode}");
                await Task.Delay(TimeSpan.FromSeconds(parsed.GetValue(seconds)), cancel);
                await Run(control, "start");
                // The first requests may meet connections that went with the server.
                var back = Stopwatch.StartNew();
                while (true)
                {
                    using var answer = await api.Client.GetAsync("/health/ready", cancel);
                    if (answer.IsSuccessStatusCode)
                        break;
                    if (back.Elapsed > TimeSpan.FromMinutes(1))
                        throw new InvalidOperationException("the server does not come back: " + api.Output);
                    await Task.Delay(100, cancel);
                }

                slowest = Math.Max(slowest, Math.Round(back.Elapsed.TotalSeconds, 2));
            }

            while (!await ReferenceSearches.AllEnded(api, ids))
                await Task.Delay(200, cancel);
            var faults = await reference.Faults(api, ids);
            int ended = nodes.Count(node => node.HasExited);
            ResultLines.Append(parsed.GetValue(results)!, new
            {
                Outages = parsed.GetValue(outages),
                SearchesUnderWay = met,
                Seconds = parsed.GetValue(seconds),
                Searches = ids.Length,
                Faults = faults,
                ProcessesEnded = ended,
                SecondsUntilAnswers = slowest,
            });
            return faults.Count == 0 && ended == 0 && met > 0 ? 0 : 1;
        });
        return command;
    }

    private static async Task Run(string control, string what)
    {
        using var process = Process.Start(control, what);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{control} {what} ended with {process.ExitCode}");
    }
}
