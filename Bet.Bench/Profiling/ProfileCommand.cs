using System.CommandLine;
using Bet.Engine.Backbones;

namespace Bet.Bench.Profiling;

/// <summary>
/// <c>profile</c>: a training step's time by operation, backbone by backbone; docs/performance.md from all that is stored.
/// </summary>
public static class ProfileCommand
{
    private const int Columns = 128;
    private const int BatchSize = 8192;

    public static Command Create()
    {
        var names = new Argument<string[]>("backbones")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = $"of {string.Join(", ", BackboneRegistry.Names)}; all where none is named",
        };
        var data = new Option<string?>("--data")
        {
            Description = "folder of a data set; Gowalla where shared/data/gowalla lies above, else generated data",
        };
        var steps = Number("--steps", "steps of each, of which the fastest quarter counts", 24);
        var threads = Number("--threads", "threads that compute", Environment.ProcessorCount);
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1 };
        var json = new Option<FileInfo?>("--json")
        {
            Description = "where to store the numbers; docs/performance.md is written from bench/results/profile/*.json",
        };
        var command = new Command("profile", "where a training step's time goes, operation by operation") { names };
        foreach (var option in new Option[] { data, steps, threads, seed, json })
            command.Add(option);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(steps) < 1 || parsed.GetValue(threads) < 1)
                throw new UsageException("--steps and --threads must be at least 1");
            using var work = new Workload(parsed.GetValue(data), parsed.GetValue(threads), parsed.GetValue(seed));
            var result = Profile(work, Known(parsed.GetValue(names) ?? []), parsed.GetValue(steps));
            if (parsed.GetValue(json) is not { } file)
                return 0;
            ResultsFile.Write(file.FullName, [result]);
            string folder = Path.Combine(Repository.Root, "bench", "results", "profile");
            if (Directory.Exists(folder))
            {
                PerformancePage.Write(
                    Path.Combine(Repository.Root, "docs", "performance.md"),
                    Directory.GetFiles(folder, "*.json").Order().SelectMany(ResultsFile.Read<PerformanceResult>));
            }

            return 0;
        });
        return command;
    }

    private static PerformanceResult Profile(Workload work, IEnumerable<string> backbones, int steps)
    {
        var profiler = new StepProfiler(work, Columns, BatchSize, steps);
        string detail = $"{work.Source}: {work.Data.UserCount} users, {work.Data.ItemCount} items, "
            + $"{work.Data.Train.Count} training interactions; d = {Columns}, batch {BatchSize}, 3 layers where there are any, "
            + $"full tables, {steps} steps";
        var limits = MachineLimits.Measure(work.Backend);
        var profiles = new List<StepProfile>();
        foreach (string backbone in backbones)
        {
            profiles.Add(profiler.Run(backbone));
            limits = limits.Or(MachineLimits.Measure(work.Backend));
            PerformancePage.WriteSection(Console.Out, profiles[^1], limits);
        }

        return new PerformanceResult(
            $"{Repository.Machine()}; {work.Backend.Description}", Repository.Commit(), work.Seed,
            DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm'Z'"), detail, limits, profiles);
    }

    private static IReadOnlyCollection<string> Known(string[] names)
    {
        if (names.FirstOrDefault(name => !BackboneRegistry.Names.Contains(name)) is { } unknown)
            throw new UsageException(
                $"there is no backbone '{unknown}'; there are {string.Join(", ", BackboneRegistry.Names)}");
        return names.Length > 0 ? names : BackboneRegistry.Names;
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
