using System.CommandLine;
using Bet.Bench.Measures;

namespace Bet.Bench;

/// <summary>One command for each measure, and <c>compare</c>, which takes several and can store what it found.</summary>
public static class CompareCommand
{
    private static readonly Option<string?> Data = new("--data")
    {
        Description = "folder of a data set; Gowalla where shared/data/gowalla lies above, else generated data",
    };

    private static readonly Option<FileInfo?> Json = new("--json") { Description = "where to write the list of results" };

    private static readonly Option<int> Runs = Number("--runs", "runs of each, in turn; medians are reported", 7);

    private static readonly Option<int> Threads =
        Number("--threads", "threads of both sides", Environment.ProcessorCount);

    private static readonly Option<ulong> Seed = new("--seed") { DefaultValueFactory = _ => 1 };

    private static readonly Option<bool> NoPeers = new("--no-peers") { Description = "measure ours alone" };

    internal static readonly Option<string> Python = new("--python")
    {
        Description = "the interpreter of the peers",
        DefaultValueFactory = _ => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3",
    };

    public static Command One(Measure measure)
    {
        var command = WithOptions(new Command(measure.Name, measure.Summary));
        command.SetAction(parsed => Run([measure], parsed));
        return command;
    }

    public static Command Many()
    {
        var names = new Argument<string[]>("names")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = $"of {string.Join(", ", MeasureList.All.Select(m => m.Name))}; all where none is named",
        };
        var command = WithOptions(new Command("compare", "all measures or the named ones, each in turn with its peer"));
        command.Add(names);
        command.SetAction(parsed => Run(Named(parsed.GetValue(names) ?? []), parsed));
        return command;
    }

    private static Command WithOptions(Command command)
    {
        foreach (var option in new Option[] { Data, Json, Runs, Threads, Seed, NoPeers, Python })
            command.Add(option);
        return command;
    }

    private static IReadOnlyList<Measure> Named(string[] names)
    {
        if (names.Length == 0)
            return MeasureList.All;
        return [.. names.Select(name => MeasureList.All.FirstOrDefault(m => m.Name == name)
            ?? throw new UsageException(
                $"there is no measure '{name}'; there are {string.Join(", ", MeasureList.All.Select(m => m.Name))}"))];
    }

    private static int Run(IReadOnlyList<Measure> measures, ParseResult parsed)
    {
        var options = new ComparisonOptions(
            parsed.GetValue(Runs), parsed.GetValue(Threads), parsed.GetValue(Seed), parsed.GetValue(Python)!,
            !parsed.GetValue(NoPeers));
        if (options.Runs < 1 || options.Threads < 1)
            throw new UsageException("--runs and --threads must be at least 1");
        using var work = new Workload(parsed.GetValue(Data), options.Threads, options.Seed);
        string machine = $"{Repository.Machine()}; {work.Backend.Description}";
        string commit = Repository.Commit();
        Console.WriteLine($"{machine}; commit {commit}; seed {options.Seed}; medians of {options.Runs} runs in turn");
        Console.WriteLine();
        ResultsTable.WriteHeader(Console.Out);
        var rows = new List<ComparisonRow>();
        foreach (var measured in measures.SelectMany(measure => measure.Cases(work)))
        {
            rows.Add(Comparison.Run(measured, options, machine, commit));
            ResultsTable.WriteRow(Console.Out, rows[^1]);
        }

        ResultsTable.WriteMemory(Console.Out, rows);
        if (parsed.GetValue(Json) is { } file)
            ResultsFile.Write(file.FullName, rows);
        return 0;
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
