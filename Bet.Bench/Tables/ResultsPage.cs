using System.Globalization;
using Bet.Bench.Clicks;
using Bet.Bench.Demo;
using Bet.Engine.Evaluation;
using Bet.Engine.Reports;
using Bet.Engine.Search;

namespace Bet.Bench.Tables;

/// <summary>docs/results.md from bench/results/table1, so that no number there was typed by hand.</summary>
public static class ResultsPage
{
    private const string Introduction =
        """
        # Results

        Written by `Bet.Bench table1` from `bench/results/table1/*.json`; do not edit. Again, stopped and resumed at will:

            dotnet run -c Release --project Bet.Bench -- table1

        The cells are those of the paper's Table 1 (BET, WSDM 2024). The published train and test lists are merged and each
        user's interactions split 50 / 25 / 25 at random into train, validation and test; d_max = 128; all items are ranked,
        without those of train and validation. The budget is strict and one of bytes: at 90 %, a tenth of the bytes of the
        full float32 table, for values, scales and index together. "Trained on": the training part alone, or, as the
        published code does for its final tables, that part and validation together, for as many epochs as validation found
        best. Test decides nothing. After +- is half of a 95 % interval over users. A difference to the paper is the row's
        over the paper's BET, both protocols being compared with the same published number. Searches with "rows of up to 256
        values" have the same bytes; their own full table is twice as large.
        """;

    /// <summary>docs/results.md from a folder of results.</summary>
    public static void Write(string results)
    {
        using var writer = new StreamWriter(Path.Combine(Repository.Root, "docs", "results.md")) { NewLine = "\n" };
        Write(writer, [.. Directory.GetFiles(results, "*.json").Order().Select(CellRunner.Read)]);
        SearchTimeTable.Write(writer, SearchTimeTable.Results);
        ClickSection.Write(writer, Path.Combine(Repository.Root, "bench", "results", "clicks"));
    }

    public static void Write(TextWriter writer, IReadOnlyList<CellResult> cells)
    {
        writer.WriteLine(Introduction);
        ResultsSummary.Write(writer, [.. cells.Where(cell => cell.Cell.Retrained is null)]);
        foreach (var (dataset, backbone, sparsity) in PublishedResults.Cells)
        {
            writer.WriteLine();
            writer.WriteLine(Text($"## {dataset}, {backbone}, {sparsity:0.#%} fewer bytes"));
            writer.WriteLine();
            var ours = cells.Where(c => c.Cell.Retrained is null
                && (c.Cell.Dataset, c.Cell.Backbone, c.Cell.Sparsity) == (dataset, backbone, sparsity)).ToList();
            if (ours.Count == 0)
            {
                writer.WriteLine("Not run.");
                continue;
            }

            WriteCell(writer, PublishedResults.Of(dataset, backbone, sparsity)!.Value, ours);
        }

        WriteTimes(writer, [.. cells.Where(cell => cell.Cell.Retrained is null)]);
        WriteHonesty(writer, cells);
    }

    private static void WriteCell(TextWriter writer, PublishedRow paper, IReadOnlyList<CellResult> cells)
    {
        writer.WriteLine("| table | trained on | bytes | values | Recall@5 | NDCG@5 | Recall@20 | NDCG@20 | to the paper |");
        writer.WriteLine("|-------|------------|------:|--------|---------:|-------:|----------:|--------:|-------------:|");
        writer.WriteLine(Text($"| paper's BET | | | float32 | {paper.Recall5:.0000} | {paper.Ndcg5:.0000} | {paper.Recall20:.0000} | {paper.Ndcg20:.0000} | |"));
        foreach (var cell in cells)
        {
            foreach (var on in new[] { TrainedOn.Train, TrainedOn.TrainAndValidation })
            {
                WriteRow(writer, paper, cell.Row("full", on), $"full, for {Label(cell)}", on);
                foreach (string name in ComparedTables.Names)
                    WriteRow(writer, paper, cell.Row(name, on), $"{name}, for {Label(cell)}", on);
                WriteRow(writer, paper, cell.Found(on), $"**{Label(cell)}**", on);
            }
        }

        writer.WriteLine();
        foreach (var cell in cells)
        {
            double minutes = (cell.Tables.Sum(row => row.Seconds) + cell.Trials.Sum(trial => trial.Seconds)) / 60;
            writer.WriteLine(Text($"- {Label(cell)}: {cell.Trials.Count} trials, {minutes:0} minutes of training in all. {cell.Machine}. Commit {cell.Commit}, {cell.Date}."));
        }
    }

    private static string Label(CellResult result) => $"{result.Cell.Search}, seed {result.Cell.Seed}";

    private static void WriteRow(TextWriter writer, PublishedRow paper, TrainedResult? row, string name, TrainedOn on)
    {
        if (row is null)
            return;
        string values = row.UserPrecision == row.ItemPrecision
            ? Lower(row.UserPrecision)
            : $"{Lower(row.UserPrecision)}, {Lower(row.ItemPrecision)}";
        writer.WriteLine(Text($"| {name} | {(on == TrainedOn.Train ? "train" : "train + validation")} | {row.Bytes:N0} | {values} ")
            + Text($"| {row.Test.RecallAt(5):.0000} | {row.Test.NdcgAt(5):.0000} ")
            + Text($"| {row.Test.RecallAt(20):.0000} +- {row.Test.RecallErrorAt(20) * RankingMetrics.ConfidenceErrors:.0000} ")
            + Text($"| {row.Test.NdcgAt(20):.0000} +- {row.Test.NdcgErrorAt(20) * RankingMetrics.ConfidenceErrors:.0000} | {paper.Compare(row.Test.RecallAt(20), row.Test.NdcgAt(20))} |"));
    }

    /// <summary>What a search's time buys.</summary>
    private static void WriteTimes(TextWriter writer, IReadOnlyList<CellResult> cells)
    {
        writer.WriteLine();
        writer.WriteLine("## Time");
        writer.WriteLine();
        writer.WriteLine("Minutes of training and evaluation, from the split to the found table. \"Again\" is what training on the training and");
        writer.WriteLine("the validation part adds (`refit`, off unless asked for): the full table, the found one and those beside it. Taken on");
        writer.WriteLine("machines that may have had other work; quality is that of the found table trained on the training part.");
        writer.WriteLine();
        writer.WriteLine("| cell | full table | trials | to the end | beside it | together | again | Recall@20 | NDCG@20 |");
        writer.WriteLine("|------|-----------:|-------:|-----------:|----------:|---------:|------:|----------:|--------:|");
        foreach (var cell in cells)
        {
            double Minutes(Func<TrainedResult, bool> counts) => cell.Tables.Where(counts).Sum(row => row.Seconds) / 60;
            bool IsTrain(TrainedResult row) => row.TrainedOn == TrainedOn.Train;
            double trials = cell.Trials.Sum(trial => trial.Seconds) / 60;
            double full = Minutes(row => IsTrain(row) && row.Name == "full");
            double found = Minutes(row => IsTrain(row) && row.Trial is not null);
            double compared = Minutes(row => IsTrain(row) && ComparedTables.Names.Contains(row.Name));
            var served = cell.Found(TrainedOn.Train)!.Test;
            writer.WriteLine(Text($"| {cell.Cell.Name} | {full:0.0} | {trials:0.0} | {found:0.0} | {compared:0.0} | {full + trials + found + compared:0.0} ")
                + Text($"| {Minutes(row => !IsTrain(row)):0.0} | {served.RecallAt(20):.0000} | {served.NdcgAt(20):.0000} |"));
        }
    }

    /// <summary>Whether what trials say is what retraining finds.</summary>
    private static void WriteHonesty(TextWriter writer, IReadOnlyList<CellResult> cells)
    {
        writer.WriteLine();
        writer.WriteLine("## The trials");
        writer.WriteLine();
        writer.WriteLine("Fitness is validation quality after a trial's few epochs over that of the full table, both on the validation part;");
        writer.WriteLine("\"to the end\" is the same share of a trial that was then trained as long as the table that is served.");
        foreach (var cell in cells)
        {
            writer.WriteLine();
            writer.WriteLine($"**{cell.Cell.Name}**");
            writer.WriteLine();
            double full = cell.Row("full", TrainedOn.Train)!.Quality;
            var retrained = cell.Trials.Where(trial => cell.RetrainedQuality(trial) is not null).ToList();
            double? correlation = RankCorrelation.Of(
                [.. retrained.Select(trial => trial.Fitness)], [.. retrained.Select(trial => cell.RetrainedQuality(trial)!.Value)]);
            if (correlation is { } rho)
            {
                writer.WriteLine(Text($"Rank correlation (Spearman) between fitness and quality to the end, {retrained.Count} trials: {rho:0.00}."));
                writer.WriteLine();
            }

            writer.WriteLine("| trial | chosen by | users | items | expected | fitness | to the end | seconds |");
            writer.WriteLine("|------:|-----------|-------|-------|---------:|--------:|-----------:|--------:|");
            foreach (var trial in cell.Trials)
                writer.WriteLine(Text($"| {trial.Number} | {trial.Selection} | {trial.Users} | {trial.Items} | {trial.Predicted:0.0000} | {trial.Fitness:0.0000} | {cell.RetrainedQuality(trial) / full:0.0000} | {trial.Seconds:0} |"));
        }
    }

    private static string Lower(object value) => value.ToString()!.ToLowerInvariant();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
