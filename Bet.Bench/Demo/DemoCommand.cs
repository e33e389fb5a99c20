using System.CommandLine;
using Bet.Engine.Data;
using Bet.Engine.Search;

namespace Bet.Bench.Demo;

/// <summary>What the demo was asked to do.</summary>
internal sealed record DemoOptions(
    Uri Server, string? Data, Effort Effort, string Backbone, double Sparsity, ulong Seed, string Out);

/// <summary><c>demo</c>: the main job over HTTP against a server that runs already; demo.sh starts one.</summary>
internal static class DemoCommand
{
    /// <summary>A set that a quick search takes about three minutes for on two cores.</summary>
    private static readonly SyntheticOptions Generated = new(Users: 6_000, Items: 4_000, Interactions: 200_000, Seed: 1);

    public static Command Create()
    {
        var url = new Option<Uri>("--url") { Required = true, Description = "The server's address." };
        var data = new Option<string?>("--data") { Description = "A folder with train.*, ratings.* or interactions.*; without it a data set is generated." };
        var effort = new Option<Effort>("--effort") { DefaultValueFactory = _ => Effort.Quick, Description = "quick, standard or thorough." };
        var backbone = new Option<string>("--backbone") { DefaultValueFactory = _ => "lightgcn", Description = "mf or lightgcn." };
        var sparsity = new Option<double>("--sparsity") { DefaultValueFactory = _ => 0.9, Description = "The share of the full table that must go." };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1, Description = "The same seed gives the same table." };
        var output = new Option<string>("--out") { DefaultValueFactory = _ => "demo-out", Description = "Where the bundle goes." };
        var command = new Command("demo", "Run the main job over HTTP and show what it found.")
        {
            url, data, effort, backbone, sparsity, seed, output,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            new DemoOptions(
                parsed.GetValue(url)!, parsed.GetValue(data), parsed.GetValue(effort), parsed.GetValue(backbone)!,
                parsed.GetValue(sparsity), parsed.GetValue(seed), parsed.GetValue(output)!),
            cancel));
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, CancellationToken cancel)
    {
        string? generated = null;
        try
        {
            if (options.Data is null)
                generated = Generate();
            var files = DatasetReader.FilesIn(options.Data ?? generated!);
            using var client = new DemoClient(options.Server);
            var found = await client.RunAsync(options, files, cancel);
            DemoReport.Print(found, options);
            return 0;
        }
        catch (Exception error) when (error is FileNotFoundException or DemoException or HttpRequestException)
        {
            Console.Error.WriteLine($"demo: {error.Message}");
            return 1;
        }
        finally
        {
            if (generated is not null)
                Directory.Delete(generated, recursive: true);
        }
    }

    private static string Generate()
    {
        string folder = Directory.CreateTempSubdirectory("bet-demo-").FullName;
        using var file = File.Create(Path.Combine(folder, "interactions.csv"));
        InteractionWriter.WriteDelimited(SyntheticData.Generate(Generated), file);
        return folder;
    }
}

/// <summary>The server refused, or the search did not end well; the message says so to a person.</summary>
internal sealed class DemoException(string message) : Exception(message);
