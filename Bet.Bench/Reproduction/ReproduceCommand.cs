using System.CommandLine;

namespace Bet.Bench.Reproduction;

/// <summary>
/// <c>reproduce</c>: trains the recommenders of <see cref="Reproductions"/> against their published numbers, each with
/// its curve in bench/results/reproduction; stopped, it goes on where it was. Writes docs/reproduction.md.
/// </summary>
public static class ReproduceCommand
{
    private static readonly string Results = Path.Combine(Repository.Root, "bench", "results", "reproduction");

    public static Command Create()
    {
        var names = new Argument<string[]>("names")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = $"of {string.Join(", ", Reproductions.All.Select(run => run.Name))}; all where none is named",
        };
        var data = new Option<string?>("--data") { Description = "the folder that holds gowalla and yelp2018" };
        var checkpoints = new Option<string>("--checkpoints")
        {
            Description = "where checkpoints are kept",
            DefaultValueFactory = _ => Path.Combine(Path.GetTempPath(), "bet-reproduction"),
        };
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => Environment.ProcessorCount };
        var command = new Command("reproduce", "train the recommenders against their published numbers") { names, data, checkpoints, threads };
        command.SetAction(parsed =>
        {
            foreach (var run in Named(parsed.GetValue(names) ?? []))
            {
                string folder = Path.Combine(parsed.GetValue(data) ?? SharedData(), run.Dataset);
                using var work = new Workload(folder, parsed.GetValue(threads), run.Backbone.Seed);
                new RunTrainer(run, work, Results, parsed.GetValue(checkpoints)!).Train();
            }

            WritePages();
            return 0;
        });
        return command;
    }

    /// <summary>docs/reproduction.md and docs/tuning.md from the results that are there.</summary>
    public static void WritePages()
    {
        WritePage(Results, "reproduction.md", ReproductionPage.Reproduction);
        WritePage(Path.Combine(Repository.Root, "bench", "results", "tuning"), "tuning.md", ReproductionPage.Tuning);
    }

    private static void WritePage(string results, string page, string introduction)
    {
        if (Directory.Exists(results))
            ReproductionPage.Write(
                Path.Combine(Repository.Root, "docs", page), introduction,
                [.. Directory.GetFiles(results, "*.json").Order().Select(RunTrainer.Read)]);
    }

    private static IReadOnlyList<TrainingRun> Named(string[] names) => names.Length == 0
        ? Reproductions.All
        : [.. names.Select(name => Reproductions.All.FirstOrDefault(run => run.Name == name)
            ?? throw new UsageException($"there is no run '{name}'; there are {string.Join(", ", Reproductions.All.Select(run => run.Name))}"))];

    private static string SharedData() => Repository.Upward(Repository.Root, Path.Combine("shared", "data")) is { } above
        ? Path.Combine(above, "shared", "data")
        : throw new UsageException("no shared/data lies above; --data names the folder that holds gowalla and yelp2018");
}
