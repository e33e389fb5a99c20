using System.Globalization;
using System.Text.Json;

namespace Bet.Bench.Demo;

/// <summary>What a search through the service took and found; a line of bench/results/searches.jsonl.</summary>
/// <param name="Dataset">The name of the data's folder.</param>
/// <param name="Backbone">Of the search.</param>
/// <param name="Effort">Of the search.</param>
/// <param name="Sparsity">Share of the full tables' bytes that must go.</param>
/// <param name="Seed">Of the search.</param>
/// <param name="Seconds">From the beginning of the upload to the last byte of the bundle.</param>
/// <param name="Trials">That it evaluated.</param>
/// <param name="FullBytes">Of the full tables.</param>
/// <param name="FoundBytes">Of those that were found.</param>
/// <param name="Measures">On the test part.</param>
/// <param name="Load">The machine's load average over a minute, at the beginning and at the end.</param>
/// <param name="Commit">Of the program.</param>
/// <param name="Machine">Where it ran.</param>
/// <param name="Date">When it ended.</param>
public sealed record SearchTime(
    string Dataset, string Backbone, string Effort, double Sparsity, ulong Seed, double Seconds, int Trials, long FullBytes, long FoundBytes,
    IReadOnlyList<FoundMeasure> Measures, IReadOnlyList<double> Load, string Commit = "", string Machine = "", string Date = "")
{
    /// <param name="request">What was asked for.</param>
    /// <param name="search">What the service says of the search that has succeeded.</param>
    /// <param name="seconds">From the upload to the bundle.</param>
    /// <param name="load">At the beginning and at the end.</param>
    public static SearchTime Of(DemoRequest request, JsonElement search, double seconds, IReadOnlyList<double> load)
    {
        var options = search.GetProperty(request.IsOfClicks ? "clickOptions" : "options");
        var rows = search.GetProperty(request.IsOfClicks ? "clickResults" : "results").EnumerateArray().ToList();
        JsonElement Row(string name) => rows.First(row => row.GetProperty("name").GetString() == name);
        var (full, found) = (Row("full"), Row(options.GetProperty("method").GetString()!));
        FoundMeasure Measure(string name, Func<JsonElement, double> of) => new(name, of(full.GetProperty("test")), of(found.GetProperty("test")));
        FoundMeasure[] measures = request.IsOfClicks
            ? [Measure("log loss", test => ClickReport.Value(test, "logLoss")), Measure("AUC", test => ClickReport.Value(test, "auc"))]
            : [Measure("Recall@20", test => DemoReport.At20(test, "recall")), Measure("NDCG@20", test => DemoReport.At20(test, "ndcg"))];
        return new SearchTime(
            request.Data.Name, request.Backbone, request.Effort, request.Sparsity, request.Seed, Math.Round(seconds, 1),
            options.GetProperty("trials").GetInt32(), full.GetProperty("bytes").GetInt64(), found.GetProperty("bytes").GetInt64(), measures, load);
    }
}

/// <summary>A measure of the full tables and of those that were found.</summary>
public sealed record FoundMeasure(string Name, double Full, double Found);

/// <summary>The table of searches through the service in docs/results.md, from the lines of <c>demo --results</c>.</summary>
public static class SearchTimeTable
{
    private const string Introduction =
        """

        ## From the upload to the bundle

        Written by `./demo.sh --data FOLDER --results bench/results/searches.jsonl`, a row a run: the whole way over HTTP, uniform sizes
        beside the search, on all cores. Load is the machine's average over a minute at the beginning and at the end:
        above the number of cores, other work shared them. Tables are trained on the training part.

        | data | backbone | effort | sparsity | seed | trials | minutes | bytes | measure | full | found | load | commit | date |
        |---|---|---|---:|---:|---:|---:|---:|---|---:|---:|---|---|---|
        """;

    public static string Results { get; } = Path.Combine(Repository.Root, "bench", "results", "searches.jsonl");

    /// <summary>Nothing where there is no such file.</summary>
    public static void Write(TextWriter writer, string file)
    {
        var rows = ResultLines.Read<SearchTime>(file);
        if (rows.Count == 0)
            return;
        writer.WriteLine(Introduction);
        foreach (var row in rows)
        {
            string Joined(Func<FoundMeasure, string> of) => string.Join(" / ", row.Measures.Select(of));
            writer.WriteLine(
                Text($"| {row.Dataset} | {row.Backbone} | {row.Effort} | {row.Sparsity:0.##%} | {row.Seed} | {row.Trials} | {row.Seconds / 60:0.0} | {row.FoundBytes:N0} of {row.FullBytes:N0} ")
                + $"| {Joined(measure => measure.Name)} | {Joined(measure => Text($"{measure.Full:.0000}"))} | {Joined(measure => Text($"{measure.Found:.0000}"))} "
                + $"| {string.Join(" to ", row.Load.Select(load => Text($"{load:0.0}")))} | {row.Commit} | {row.Date} |");
        }

        writer.WriteLine();
        foreach (string machine in rows.Select(row => row.Machine).Distinct())
            writer.WriteLine($"- {machine}.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
