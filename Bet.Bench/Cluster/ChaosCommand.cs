using System.CommandLine;

namespace Bet.Bench.Cluster;

/// <summary>Rounds of <see cref="ChaosRound"/>; those that were recorded before are not run again.</summary>
public static class ChaosCommand
{
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "how many in all, those included that are recorded", DefaultValueFactory = _ => 1 };
        var workers = new Option<int>("--workers") { DefaultValueFactory = _ => 4 };
        var searches = new Option<int>("--searches") { DefaultValueFactory = _ => 8 };
        var results = new Option<string>("--results")
        {
            Description = "a file that a line is added to for every round",
            DefaultValueFactory = _ => "bench/results/cluster/chaos.jsonl",
        };
        var command = new Command("chaos", "kill, stop and freeze workers while they search, and compare what comes out");
        foreach (var option in new Option[] { rounds, workers, searches, results })
            command.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            string file = parsed.GetValue(results)!;
            int done = File.Exists(file) ? File.ReadLines(file).Count() : 0;
            var round = new ChaosRound(TestCluster.Server, parsed.GetValue(workers), parsed.GetValue(searches));
            int faulty = 0;
            for (int seed = done + 1; seed <= parsed.GetValue(rounds); seed++)
            {
                cancel.ThrowIfCancellationRequested();
                var result = await round.Run(seed, cancel);
                faulty += result.Faults.Count > 0 ? 1 : 0;
                ResultLines.Append(file, new
                {
                    result.Seed,
                    Workers = parsed.GetValue(workers),
                    Searches = parsed.GetValue(searches),
                    result.Kills,
                    result.Leaves,
                    result.Freezes,
                    result.Seconds,
                    result.SlowestLeave,
                    result.Faults,
                });
            }

            return faulty == 0 ? 0 : 1;
        });
        return command;
    }
}
