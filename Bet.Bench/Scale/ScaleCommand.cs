using System.CommandLine;
using System.Diagnostics;
using Bet.Engine.Backbones;

namespace Bet.Bench.Scale;

/// <summary>
/// <c>scale</c>: time and memory of growing data sets, each in a process of its own so that peaks are apart.
/// </summary>
public static class ScaleCommand
{
    private const string CaseName = "scale-case";

    private static readonly Option<int> Columns = Number("--columns", "values in a row of the tables", 16);
    private static readonly Option<int> Layers = Number("--layers", "propagation layers", 3);
    private static readonly Option<int> Steps = Number("--steps", "warm training steps, of which the fastest counts", 5);
    private static readonly Option<int> RankedUsers = Number("--ranked-users", "users that items are ranked for", 96);
    private static readonly Option<int> Threads = Number("--threads", "threads that compute", Environment.ProcessorCount);
    private static readonly Option<ulong> Seed = new("--seed") { DefaultValueFactory = _ => 1 };

    public static Command Create()
    {
        var sizes = new Option<int[]>("--sizes")
        {
            AllowMultipleArgumentsPerToken = true,
            Description = "interactions; users and items together are a tenth",
            DefaultValueFactory = _ => [1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000],
        };
        var backbones = new Option<string[]>("--backbones")
        {
            AllowMultipleArgumentsPerToken = true,
            Description = $"of {string.Join(", ", BackboneRegistry.Names)}",
            DefaultValueFactory = _ => ["mf", "lightgcn"],
        };
        var json = new Option<string>("--json")
        {
            Description = $"where rows are added, NAME{ScaleRow.FileEnd}; docs/scale.md is made of it",
            Required = true,
        };
        var command = WithOptions(new Command("scale", "time and memory at growing sizes"));
        foreach (var option in new Option[] { sizes, backbones, json })
            command.Add(option);
        command.SetAction(parsed => Run(parsed, parsed.GetValue(sizes)!, parsed.GetValue(backbones)!, parsed.GetValue(json)!));
        return command;
    }

    /// <summary>What <c>scale</c> starts for each row; the row is the last line of its output.</summary>
    public static Command CreateCase()
    {
        var size = new Option<int>("--size") { Required = true };
        var backbone = new Option<string>("--backbone") { Required = true };
        var command = WithOptions(new Command(CaseName, "one size in this process") { size, backbone });
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var measured = new ScaleCase(
                parsed.GetValue(backbone)!, parsed.GetValue(size), parsed.GetValue(Columns), parsed.GetValue(Layers),
                parsed.GetValue(Steps), parsed.GetValue(RankedUsers), parsed.GetValue(Threads), parsed.GetValue(Seed));
            Console.WriteLine(measured.Run().ToJson());
        });
        return command;
    }

    private static int Run(ParseResult parsed, int[] sizes, string[] backbones, string json)
    {
        if (!json.EndsWith(ScaleRow.FileEnd, StringComparison.Ordinal))
            throw new UsageException($"--json {json}: the name must end with {ScaleRow.FileEnd}");
        foreach (string unknown in backbones.Except(BackboneRegistry.Names))
            throw new UsageException($"there is no backbone '{unknown}'; there are {string.Join(", ", BackboneRegistry.Names)}");
        if (sizes.Any(size => size < 10_000))
            throw new UsageException("--sizes must be at least 10000");
        ScalePage.WriteHeader(Console.Out);
        foreach (int size in sizes)
        {
            foreach (string backbone in backbones)
            {
                var row = RunCase(parsed, size, backbone);
                ScalePage.WriteRow(Console.Out, row);
                ScalePage.Write(Path.Combine(Repository.Root, "docs", "scale.md"), ScaleRow.Merge(json, [row]));
            }
        }

        return 0;
    }

    private static ScaleRow RunCase(ParseResult parsed, int size, string backbone)
    {
        List<string> arguments = [CaseName, "--size", $"{size}", "--backbone", backbone];
        foreach (var option in new[] { Columns, Layers, Steps, RankedUsers, Threads })
            arguments.AddRange([option.Name, $"{parsed.GetValue(option)}"]);
        arguments.AddRange([Seed.Name, $"{parsed.GetValue(Seed)}"]);
        string program = Environment.ProcessPath!;
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            arguments.Insert(0, typeof(ScaleCommand).Assembly.Location);
        using var child = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string[] lines = child.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        child.WaitForExit();
        return child.ExitCode == 0 && lines.Length > 0
            ? ScaleRow.Parse(lines[^1])
            : throw new InvalidOperationException($"{backbone} with {size} interactions ended with status {child.ExitCode}");
    }

    private static Command WithOptions(Command command)
    {
        foreach (var option in new Option[] { Columns, Layers, Steps, RankedUsers, Threads, Seed })
            command.Add(option);
        return command;
    }

    private static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
