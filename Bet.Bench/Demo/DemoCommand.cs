using System.CommandLine;
using System.Diagnostics;
using Bet.Engine.Clicks;
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
        var label = new Option<string?>("--label") { Description = "click data: the label's column" };
        var ignore = new Option<string?>("--ignore") { Description = "click data: columns that are not looked at, separated by commas" };
        var numbers = new Option<string?>("--numbers") { Description = "click data: columns of numbers, separated by commas" };
        var results = new Option<string?>("--results") { Description = "a file that a line is added to: what the search took and found" };
        var command = new Command("demo", "search a table on a running server and show what was found")
        {
            url, data, output, backbone, effort, sparsity, seed, label, ignore, numbers, results,
        };
        command.SetAction((parsed, cancel) => Run(
            Address(parsed.GetValue(url)!),
            new DemoRequest(
                parsed.GetValue(data)!, parsed.GetValue(output)!, parsed.GetValue(backbone)!,
                parsed.GetValue(effort)!, parsed.GetValue(sparsity), parsed.GetValue(seed),
                new ClickFields(parsed.GetValue(label), parsed.GetValue(ignore), parsed.GetValue(numbers)),
                parsed.GetValue(results)),
            cancel));
        return command;
    }

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new UsageException($"--url {text}: give an address such as http://127.0.0.1:8080");

    private static IReadOnlyList<DatasetFile> FilesIn(DemoRequest request)
    {
        try
        {
            return request.IsOfClicks ? ClickReader.FilesIn(request.Data.FullName) : DatasetReader.FilesIn(request.Data.FullName);
        }
        catch (FileNotFoundException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>What the server is told of the files: nothing of those that say themselves what they are.</summary>
    private static IReadOnlyDictionary<string, string> FieldsOf(DemoRequest request, IReadOnlyList<DatasetFile> files)
    {
        try
        {
            if (!request.IsOfClicks || (request.Clicks.IsEmpty && ClickReader.IsCriteo(files[0])))
                return new Dictionary<string, string>();
        }
        catch (DataFormatException e)
        {
            throw new UsageException(e.Message);
        }

        return request.Clicks.Fields();
    }

    private static async Task<int> Run(Uri url, DemoRequest request, CancellationToken cancel)
    {
        var files = FilesIn(request);
        using var client = new DemoClient(url);
        try
        {
            await client.WaitUntilReady(cancel);
            double load = Repository.LoadAverage();
            var clock = Stopwatch.StartNew();
            string dataset = await client.Upload(request.Data.Name, files, FieldsOf(request, files), cancel);
            string search = await client.Search(dataset, request, cancel);
            var found = await client.Follow(search, cancel);
            string[] names = await client.Download(found, request.Output, cancel);
            double seconds = clock.Elapsed.TotalSeconds;
            if (request.IsOfClicks)
                ClickReport.Write(Console.Out, found, request.Output, names);
            else
                DemoReport.Write(Console.Out, found, request.Output, names);
            if (request.Results is { } results)
                ResultLines.Append(results, SearchTime.Of(request, found, seconds, [load, Repository.LoadAverage()]));
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
    DirectoryInfo Data, DirectoryInfo Output, string Backbone, string Effort, double Sparsity, ulong Seed, ClickFields Clicks,
    string? Results = null)
{
    public bool IsOfClicks => ClickModelRegistry.Names.Contains(Backbone);
}

/// <summary>The columns of click data that are not Criteo's, as the request gave them.</summary>
/// <param name="Label">The label's column; null: label.</param>
/// <param name="Ignored">Separated by commas.</param>
/// <param name="Numbers">Separated by commas.</param>
public sealed record ClickFields(string? Label, string? Ignored, string? Numbers)
{
    public bool IsEmpty => Label is null && Ignored is null && Numbers is null;

    /// <summary>As an upload has them.</summary>
    public IReadOnlyDictionary<string, string> Fields() =>
        new[] { ("labelColumn", Label ?? "label"), ("ignoredColumns", Ignored ?? ""), ("numberColumns", Numbers ?? "") }
            .Where(field => field.Item2.Length > 0)
            .ToDictionary(field => field.Item1, field => field.Item2);
}

/// <summary>The server refused something, or a search did not succeed.</summary>
/// <param name="message">The server's words.</param>
/// <param name="byRequest">Whether other options would do.</param>
public sealed class DemoException(string message, bool byRequest) : Exception(message)
{
    public bool ByRequest { get; } = byRequest;
}
