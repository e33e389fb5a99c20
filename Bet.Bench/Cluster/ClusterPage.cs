using System.CommandLine;
using System.Text.Json.Nodes;

namespace Bet.Bench.Cluster;

/// <summary>docs/cluster.md, from the lines in bench/results/cluster, so that no number there was typed by hand.</summary>
public static class ClusterPage
{
    private const string Introduction =
        """
        # Several processes, measured

        Written by `Bet.Bench cluster-page` from `bench/results/cluster`; do not edit. Each command starts servers of its own on a
        PostgreSQL of its own, all on one machine:

            bench/with-postgres.sh dotnet run -c Release --project Bet.Bench -- COMMAND
        """;

    private static readonly (string Name, string Text)[] Sections =
    [
        ("chaos", "8 searches, 4 workers of which one after the other is killed (-9), asked to end (SIGTERM) or frozen for longer than its lease (SIGSTOP, SIGCONT), every few seconds until all searches have ended. A fault is a search that does not succeed, an artifact other than that of an undisturbed run, or a step recorded twice. The sums over all rounds, commit by commit:"),
        ("outage", "PostgreSQL is stopped for a while under searches, several times."),
        ("queue", "Many searches wait while two workers train, requests at a steady rate whether or not those before are answered; and steps are claimed and ended one after the other. The first five seconds of requests, and five steps, do not count."),
        ("status", "The status of a search, asked for by wrk while the same process trains on all cores; then three processes with nothing to do, in milliseconds of processor time a second."),
        ("handover", "At the settings of production: from the signal to the first sign of the step on another worker, and from a cancel on one process to `cancelled` on another."),
        ("fan-out", "The trials of one search by one worker of one thread, and by two."),
    ];

    public static Command Create()
    {
        var command = new Command("cluster-page", "write docs/cluster.md");
        command.SetAction(_ =>
        {
            using var writer = new StreamWriter("docs/cluster.md") { NewLine = "\n" };
            writer.WriteLine(Introduction);
            foreach (var (name, text) in Sections)
            {
                string file = $"bench/results/cluster/{name}.jsonl";
                if (!File.Exists(file))
                    continue;
                writer.WriteLine($"\n## {name}\n\n{text}\n");
                var rows = File.ReadLines(file).Select(line => JsonNode.Parse(line)!.AsObject());
                WriteTable(writer, [.. (name == "chaos" ? Sums(rows) : rows).Select(Flat)]);
            }
        });
        return command;
    }

    /// <summary>A row a commit: rounds, and the sums of their counts.</summary>
    private static IEnumerable<JsonObject> Sums(IEnumerable<JsonObject> rounds) =>
        rounds.GroupBy(round => (string)round["commit"]!).Select(group => new JsonObject
        {
            ["rounds"] = group.Count(),
            ["kills"] = group.Sum(round => (int)round["kills"]!),
            ["leaves"] = group.Sum(round => (int)round["leaves"]!),
            ["freezes"] = group.Sum(round => (int)round["freezes"]!),
            ["slowestLeave"] = group.Max(round => (double)round["slowestLeave"]!),
            ["roundsWithFaults"] = group.Count(round => round["faults"]!.AsArray().Count > 0),
            ["commit"] = group.Key,
            ["machine"] = (string)group.First()["machine"]!,
            ["date"] = (string)group.Last()["date"]!,
        });

    /// <summary>"a.b" for what is inside an object; lists by their length.</summary>
    private static Dictionary<string, string> Flat(JsonObject row)
    {
        var cells = new Dictionary<string, string>();
        void Add(string name, JsonNode? value)
        {
            if (value is JsonObject inner)
            {
                foreach (var (key, each) in inner)
                    Add($"{name}.{key}", each);
            }
            else
            {
                cells[name] = value is JsonArray list ? $"{list.Count}" : value?.ToString() ?? "";
            }
        }

        foreach (var (key, value) in row)
            Add(key, value);
        return cells;
    }

    private static void WriteTable(StreamWriter writer, IReadOnlyList<Dictionary<string, string>> rows)
    {
        string[] columns = [.. rows.SelectMany(row => row.Keys).Distinct()];
        writer.WriteLine($"| {string.Join(" | ", columns)} |");
        writer.WriteLine($"|{string.Concat(columns.Select(_ => "---|"))}");
        foreach (var row in rows)
            writer.WriteLine($"| {string.Join(" | ", columns.Select(column => row.GetValueOrDefault(column, "")))} |");
    }
}
