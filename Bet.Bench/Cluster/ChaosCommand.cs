using System.CommandLine;
using System.Text.Json;

namespace Bet.Bench.Cluster;

/// <summary>Rounds of <see cref="ChaosRound"/>; those that were recorded before are not run again.</summary>
public static class ChaosCommand
{
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "how many in all, those included that are recorded", DefaultValueFactory = _ => 1 };
        var workers = new Option<int>("--workers") { DefaultValueFactory = _ => 4 };
        var searches = new Option<int>("--searches") { DefaultValueFactory = _ => 8 };
        var postgres = new Option<string?>("--postgres") { Description = "a server, as Npgsql reads it; from BET_TEST_POSTGRES where it is left out" };
        var results = new Option<string>("--results")
        {
            Description = "a file that a line is added to for every round",
            DefaultValueFactory = _ => "bench/results/cluster/chaos.jsonl",
        };
        var command = new Command("chaos", "kill, stop and freeze workers while they search, and compare what comes out");
        foreach (var option in new Option[] { rounds, workers, searches, postgres, results })
            command.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            string server = parsed.GetValue(postgres) ?? Environment.GetEnvironmentVariable("BET_TEST_POSTGRES")
                ?? throw new UsageException("no PostgreSQL: give --postgres, or run bench/with-postgres.sh in front of the command");
            string file = parsed.GetValue(results)!;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            int done = File.Exists(file) ? File.ReadLines(file).Count() : 0;
            var round = new ChaosRound(server, parsed.GetValue(workers), parsed.GetValue(searches));
            int faulty = 0;
            for (int seed = done + 1; seed <= parsed.GetValue(rounds); seed++)
            {
                cancel.ThrowIfCancellationRequested();
                var result = await round.Run(seed);
                faulty += result.Faults.Count > 0 ? 1 : 0;
                await File.AppendAllTextAsync(
                    file,
                    JsonSerializer.Serialize(
                        new
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
                            Commit = Repository.Commit(),
                            Machine = Repository.Machine(),
                            Date = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm'Z'"),
                        },
                        JsonSerializerOptions.Web) + "\n",
                    cancel);
                Console.WriteLine(FormattableString.Invariant(
                    $"round {seed}: {result.Kills} killed, {result.Leaves} asked to end, {result.Freezes} frozen, {result.Seconds:0} s, slowest end {result.SlowestLeave:0.00} s, {result.Faults.Count} faults"));
                foreach (string fault in result.Faults)
                    Console.WriteLine("  " + fault);
            }

            return faulty == 0 ? 0 : 1;
        });
        return command;
    }
}
