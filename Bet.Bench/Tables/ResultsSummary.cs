using System.Globalization;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;

namespace Bet.Bench.Tables;

/// <summary>What every cell comes to, a line a search and protocol: the mean of its seeds beside the paper and the full table.</summary>
public static class ResultsSummary
{
    private const string Heading =
        """

        ## In short

        The served tables: the mean of the seeds, each with a split of its own. After +- is half of a 95 % interval, over the seeds where
        there are several, over users where there is one. "Of full" is a share of our own full float32 table's, trained the same way.

        | cell | search | trained on | seeds | bytes | Recall@20 | NDCG@20 | to the paper | of full |
        |------|--------|------------|-------|------:|----------:|--------:|-------------:|--------:|
        """;

    public static void Write(TextWriter writer, IReadOnlyList<CellResult> results)
    {
        writer.WriteLine(Heading);
        foreach (var (dataset, backbone, sparsity) in PublishedResults.Cells)
        {
            var paper = PublishedResults.Of(dataset, backbone, sparsity)!.Value;
            var ofCell = results.Where(r => (r.Cell.Dataset, r.Cell.Backbone, r.Cell.Sparsity) == (dataset, backbone, sparsity));
            foreach (var search in ofCell.GroupBy(result => result.Cell.Search))
            {
                foreach (var on in new[] { TrainedOn.Train, TrainedOn.TrainAndValidation })
                    WriteLine(writer, Text($"{dataset}, {backbone}, {sparsity:0.#%}"), paper, [.. search.OrderBy(result => result.Cell.Seed)], on);
            }
        }
    }

    private static void WriteLine(TextWriter writer, string cell, PublishedRow paper, IReadOnlyList<CellResult> seeds, TrainedOn on)
    {
        var tables = seeds.Select(seed => (Found: seed.Found(on), Full: seed.Row("full", on))).ToList();
        if (tables.Any(table => table.Found is null || table.Full is null))
            return;
        var found = tables.Select(table => table.Found!).ToList();
        var recall = Mean(found, test => test.RecallAt(20), test => test.RecallErrorAt(20));
        var ndcg = Mean(found, test => test.NdcgAt(20), test => test.NdcgErrorAt(20));
        writer.WriteLine(Text($"| {cell} | {seeds[0].Cell.Search} | {(on == TrainedOn.Train ? "train" : "train + validation")} ")
            + Text($"| {string.Join(", ", seeds.Select(seed => seed.Cell.Seed))} | {found.Max(table => table.Bytes):N0} ")
            + Text($"| {recall.Value:.0000} +- {recall.Half:.0000} | {ndcg.Value:.0000} +- {ndcg.Half:.0000} ")
            + Text($"| {paper.Compare(recall.Value, ndcg.Value)} ")
            + Text($"| {tables.Average(table => table.Found!.Test.RecallAt(20) / table.Full!.Test.RecallAt(20)):0.0%} |"));
    }

    /// <summary>The seeds' mean, and half of a 95 % interval.</summary>
    private static (double Value, double Half) Mean(
        IReadOnlyList<TrainedResult> seeds, Func<RankingMetrics, double> value, Func<RankingMetrics, double> error)
    {
        double[] values = [.. seeds.Select(seed => value(seed.Test))];
        return (values.Average(), values.Length > 1 ? SeedInterval.HalfOf(values) : error(seeds[0].Test) * RankingMetrics.ConfidenceErrors);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
