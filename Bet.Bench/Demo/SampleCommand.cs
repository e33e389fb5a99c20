using System.CommandLine;
using Bet.Engine.Compute;
using Bet.Engine.Data;

namespace Bet.Bench.Demo;

/// <summary><c>sample</c>: a small data set of a large one, to see what small ones want.</summary>
public static class SampleCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Required = true, Description = "a folder of a data set" };
        var folder = new Option<DirectoryInfo>("--out") { Required = true, Description = "folder for interactions.csv" };
        var users = new Option<int>("--users") { Required = true, Description = "how many of its users, drawn at random" };
        var atLeast = new Option<int>("--at-least") { DefaultValueFactory = _ => 3, Description = "of these users must have an item that stays" };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1 };
        var command = new Command("sample", "write the interactions of some of a data set's users") { data, folder, users, atLeast, seed };
        command.SetAction(parsed => Run(
            DatasetReader.ReadFolder(parsed.GetValue(data)!), parsed.GetValue(folder)!, parsed.GetValue(users), parsed.GetValue(atLeast), parsed.GetValue(seed)));
        return command;
    }

    private static int Run(InteractionSet data, DirectoryInfo folder, int users, int atLeast, ulong seed)
    {
        if (users < 1 || users > data.UserIds.Count)
            throw new UsageException($"--users was {users}; the data set has {data.UserIds.Count}, of which 1 or more can be drawn");
        var order = new FeistelPermutation(data.UserIds.Count, new Philox(seed, RandomPurpose.Selection));
        var drawn = Enumerable.Range(0, users).Select(place => order[place]).ToHashSet();
        var interactions = Enumerable.Range(0, data.Count).Where(at => drawn.Contains(data.UserOf[at])).ToArray();
        var usersOfItem = interactions.CountBy(at => data.ItemOf[at]).ToDictionary();
        interactions = [.. interactions.Where(at => usersOfItem[data.ItemOf[at]] >= atLeast)];

        if (interactions.Length == 0)
            throw new UsageException($"--at-least was {atLeast}; no item is had by so many of the {users} users drawn: fewer, or more users, would do");

        var sample = data with
        {
            UserOf = [.. interactions.Select(at => data.UserOf[at])],
            ItemOf = [.. interactions.Select(at => data.ItemOf[at])],
            Timestamps = data.Timestamps is { } times ? [.. interactions.Select(at => times[at])] : null,
            TestStart = null,
        };

        folder.Create();
        string path = Path.Combine(folder.FullName, "interactions.csv");
        using var stream = File.Create(path);
        InteractionWriter.WriteDelimited(sample, stream);
        Console.WriteLine($"{path}: {sample.UserOf.Distinct().Count()} users, {sample.ItemOf.Distinct().Count()} items, {sample.Count} interactions");
        return 0;
    }
}
