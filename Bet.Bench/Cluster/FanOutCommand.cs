using System.CommandLine;
using System.Text.Json;
using Bet.Bench.Demo;
using Bet.Engine.Data;

namespace Bet.Bench.Cluster;

/// <summary>The trials of one search by one worker and by two, one thread each, one after the other on the same machine.</summary>
public static class FanOutCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "a folder of a data set", Required = true };
        var trials = new Option<int>("--trials") { DefaultValueFactory = _ => 8 };
        var epochs = new Option<int>("--pretrain-epochs") { DefaultValueFactory = _ => 2 };
        var results = new Option<string>("--results")
        {
            Description = "a file that a line is added to",
            DefaultValueFactory = _ => "bench/results/cluster/fan-out.jsonl",
        };
        var command = new Command("fan-out", "run the trials of one search with one worker and with two");
        foreach (var option in new Option[] { data, trials, epochs, results })
            command.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            string folder = parsed.GetValue(data)!;
            var seconds = new List<double>();
            var tables = new List<string>();
            foreach (int workers in new[] { 1, 2 })
            {
                await using var cluster = await TestCluster.Create(TestCluster.Server, "--threads", "1");
                var api = await cluster.StartNode("--role", "api");
                for (int i = 0; i < workers; i++)
                    await cluster.StartNode("--role", "worker");
                using var client = new DemoClient(api.Client.BaseAddress!);
                string dataset = await client.Upload(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), DatasetReader.FilesIn(folder), new Dictionary<string, string>(), cancel);
                var search = await api.Post("/v1/searches", new
                {
                    dataset,
                    backbone = "lightgcn",
                    budget = new { sparsity = 0.95 },
                    effort = "quick",
                    trials = parsed.GetValue(trials),
                    parallelTrials = 2,
                    pretrainEpochs = parsed.GetValue(epochs),
                    retrainEpochs = 1,
                });
                string self = search.GetProperty("links").GetProperty("self").GetString()!;
                double took = await TrialsOf(api, self, parsed.GetValue(trials), cancel);
                seconds.Add(Math.Round(took, 1));
                tables.Add(string.Join('\n', (await api.Get($"{self}/trials")).EnumerateArray().Select(trial => trial.GetProperty("fitness").GetRawText())));
                Console.WriteLine(FormattableString.Invariant($"{workers} workers: {took:0.0} s for {parsed.GetValue(trials)} trials"));
            }

            ResultLines.Append(parsed.GetValue(results)!, new
            {
                Data = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
                Trials = parsed.GetValue(trials),
                OneWorkerSeconds = seconds[0],
                TwoWorkersSeconds = seconds[1],
                TimesAsFast = Math.Round(seconds[0] / seconds[1], 2),
                SameTrials = tables[0] == tables[1],
            });
        });
        return command;
    }

    /// <summary>Seconds from the end of pretraining to the end of the last trial.</summary>
    private static async Task<double> TrialsOf(ServerNode api, string self, int trials, CancellationToken cancel)
    {
        while (true)
        {
            JsonElement[] events = [.. (await api.Get($"{self}/events?limit=1000")).EnumerateArray()];
            DateTimeOffset? At(string step) => events
                .Where(e => e.GetProperty("type").GetString() == "step" && e.GetProperty("data").GetProperty("step").GetString() == step)
                .Select(e => (DateTimeOffset?)e.GetProperty("at").GetDateTimeOffset()).FirstOrDefault();
            var ends = Enumerable.Range(1, trials).Select(trial => At($"trial-{trial}")).ToList();
            if (ends.All(end => end is not null))
                return (ends.Max()!.Value - At("pretrain")!.Value).TotalSeconds;
            if (events.Any(e => e.GetProperty("type").GetString() == "failed"))
                throw new InvalidOperationException((await api.Get(self)).GetProperty("error").ToString());
            await Task.Delay(1000, cancel);
        }
    }
}
