using System.CommandLine;
using Bet.Engine.Data;

namespace Bet.Bench.Demo;

/// <summary><c>demo</c>: what demo.sh does once a server runs; it speaks HTTP and nothing else.</summary>
public static class DemoCommand
{
    public static Command Create()
    {
        var url = new Option<string>("--url") { Required = true, Description = "the server: http://127.0.0.1:8080" };
        var data = new Option<DirectoryInfo>("--data") { Required = true, Description = "folder of the data set" };
        var output = new Option<DirectoryInfo>("--out") { Required = true, Description = "folder for what is found" };
        var backbone = new Option<string>("--backbone") { DefaultValueFactory = _ => "lightgcn" };
        var effort = new Option<string>("--effort") { DefaultValueFactory = _ => "quick" };
        var sparsity = new Option<double>("--sparsity") { DefaultValueFactory = _ => 0.9 };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1 };
        var command = new Command("demo", "search a table on a running server and show what was found")
        {
            url, data, output, backbone, effort, sparsity, seed,
        };
        command.SetAction((parsed, cancel) => Run(
            Address(parsed.GetValue(url)!),
            new DemoRequest(
                parsed.GetValue(data)!, parsed.GetValue(output)!, parsed.GetValue(backbone)!,
                parsed.GetValue(effort)!, parsed.GetValue(sparsity), parsed.GetValue(seed)),
            cancel));
        return command;
    }

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new UsageException($"--url {text}: give an address such as http://127.0.0.1:8080");

    private static IReadOnlyList<DatasetFile> FilesIn(DirectoryInfo folder)
    {
        try
        {
            return DatasetReader.FilesIn(folder.FullName);
        }
        catch (FileNotFoundException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static async Task<int> Run(Uri url, DemoRequest request, CancellationToken cancel)
    {
        var files = FilesIn(request.Data);
        using var client = new DemoClient(url);
        try
        {
            await client.WaitUntilReady(cancel);
            string dataset = await client.Upload(request.Data.Name, files, cancel);
            string search = await client.Search(dataset, request, cancel);
            var found = await client.Follow(search, cancel);
            string[] names = await client.Download(found, request.Output, cancel);
            DemoReport.Write(Console.Out, found, request.Output, names);
            return 0;
        }
        catch (DemoException e)
        {
            Console.Error.WriteLine(e.Message);
            return e.ByRequest ? 2 : 1;
        }
        catch (HttpRequestException e)
        {
            Console.Error.WriteLine($"the server at {url} does not answer: {e.Message}");
            return 1;
        }
    }
}

/// <summary>What the demo asks for.</summary>
public sealed record DemoRequest(
    DirectoryInfo Data, DirectoryInfo Output, string Backbone, string Effort, double Sparsity, ulong Seed);

/// <summary>The server refused something, or a search did not succeed.</summary>
/// <param name="message">The server's words.</param>
/// <param name="byRequest">Whether other options would do.</param>
public sealed class DemoException(string message, bool byRequest) : Exception(message)
{
    public bool ByRequest { get; } = byRequest;
}
