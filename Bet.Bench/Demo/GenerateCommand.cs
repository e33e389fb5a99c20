using System.CommandLine;
using Bet.Engine.Data;

namespace Bet.Bench.Demo;

/// <summary><c>generate</c>: made-up interactions, as a file that can be uploaded.</summary>
public static class GenerateCommand
{
    public static Command Create()
    {
        var folder = new Option<DirectoryInfo>("--out") { Required = true, Description = "folder for interactions.csv" };
        var users = Number("--users", 2_000);
        var items = Number("--items", 1_500);
        var interactions = Number("--interactions", 60_000);
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1 };
        var command = new Command("generate", "write made-up interactions") { folder, users, items, interactions, seed };
        command.SetAction(parsed => Run(
            parsed.GetValue(folder)!,
            new SyntheticOptions(
                parsed.GetValue(users), parsed.GetValue(items), parsed.GetValue(interactions), parsed.GetValue(seed))));
        return command;
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
