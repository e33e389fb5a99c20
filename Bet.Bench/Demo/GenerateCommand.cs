using System.CommandLine;
using Bet.Engine.Clicks;
using Bet.Engine.Data;

namespace Bet.Bench.Demo;

/// <summary><c>generate</c>: made-up interactions or click data, as a file that can be uploaded.</summary>
public static class GenerateCommand
{
    public static Command Create()
    {
        var folder = new Option<DirectoryInfo>("--out") { Required = true, Description = "folder for interactions.csv or clicks.txt" };
        var users = Number("--users", 2_000);
        var items = Number("--items", 1_500);
        var interactions = Number("--interactions", 60_000);
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1 };
        var clicks = new Option<bool>("--clicks") { Description = "click data as Criteo's files, clicks.txt, instead" };
        var rows = Number("--rows", 60_000);
        var categories = Number("--categories", 30_000);
        var command = new Command("generate", "write made-up interactions or click data")
        {
            folder, users, items, interactions, seed, clicks, rows, categories,
        };
        command.SetAction(parsed => parsed.GetValue(clicks)
            ? RunClicks(
                parsed.GetValue(folder)!,
                SyntheticClickOptions.Criteo(parsed.GetValue(rows), parsed.GetValue(categories), parsed.GetValue(seed)))
            : Run(
                parsed.GetValue(folder)!,
                new SyntheticOptions(
                    parsed.GetValue(users), parsed.GetValue(items), parsed.GetValue(interactions), parsed.GetValue(seed))));
        return command;
    }

    private static int RunClicks(DirectoryInfo folder, SyntheticClickOptions options)
    {
        try
        {
            options.Validate();
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }

        folder.Create();
        string path = Path.Combine(folder.FullName, "clicks.txt");
        using var stream = File.Create(path);
        SyntheticClicks.WriteCriteo(options, stream);
        Console.WriteLine($"{path}: {options.Rows} rows, {options.Categories.Count} fields of {options.Categories.Sum()} categories");
        return 0;
    }

    private static int Run(DirectoryInfo folder, SyntheticOptions options)
    {
        try
        {
            options.Validate();
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }

        folder.Create();
        string path = Path.Combine(folder.FullName, "interactions.csv");
        using var stream = File.Create(path);
        int items = SyntheticData.WriteDelimited(options, stream);
        Console.WriteLine($"{path}: {options.Users} users, {items} items, {options.Interactions} interactions");
        return 0;
    }

    private static Option<int> Number(string name, int value) => new(name) { DefaultValueFactory = _ => value };
}
