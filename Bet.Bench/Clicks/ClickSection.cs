using System.Globalization;
using Bet.Bench.Tables;
using Bet.Engine.ClickSearches;

namespace Bet.Bench.Clicks;

/// <summary>The part of docs/results.md on click data, from bench/results/clicks, so that no number there was typed by hand.</summary>
public static class ClickSection
{
    private const string Heading =
        """

        # Click data
        """;

    private const string Introduction =
        """

        Written by `Bet.Bench clicks` from `bench/results/clicks/*.json`. Again, stopped and resumed at will:

            dotnet run -c Release --project Bet.Bench -- clicks

        ml1m-ctr: MovieLens-1M's ratings with what is known of users and movies, 8 categorical fields, a rating of 4 or more counting
        as a click; 80 / 10 / 10 at random; d = 16. Every row is trained from random values for one epoch with the same steps, and judged by
        the tables as they are served. Bytes are those of all fields' tables: values, scales and projections; "15 times fewer" is of full
        float32 tables. Rows are float32 where the name says no other precision; int8 rows are there for hashing, for digits, and where
        float32 needs more than the budget. Fields of up to 200 categories stay full where the budget holds that, but for bet-plus, which may
        decide for every field. A path has the widest layers that fit, of at most 64 hidden values.
        Log loss and AUC are of the test part, which decides nothing; after +- is half of a 95 % interval over its samples, or, over
        several seeds, which split and begin anew, half of one over their means. "To full" compares with full tables of the same seed.
        """;

    public static void Write(TextWriter writer, string results)
    {
        var cells = Directory.Exists(results)
            ? Directory.GetFiles(results, "*.json").Order().Select(ClickCellRunner.Read).ToList()
            : [];
        if (cells.Count > 0 || File.Exists(ClickScaleTable.Results) || File.Exists(ClickReadTable.Results))
            writer.WriteLine(Heading);
        if (cells.Count > 0)
            writer.WriteLine(Introduction);
        foreach (var group in cells.GroupBy(result => (result.Cell.Dataset, result.Cell.Backbone, result.Cell.Factor, result.Cell.Effort))
            .OrderBy(group => group.Key.Dataset).ThenByDescending(group => group.Key.Backbone).ThenBy(group => group.Key.Factor))
            WriteGroup(writer, group.Key.Dataset, group.Key.Backbone, group.Key.Factor, [.. group]);
        ClickScaleTable.Write(writer, ClickScaleTable.Results);
        ClickReadTable.Write(writer, ClickReadTable.Results);
    }

    private static void WriteGroup(TextWriter writer, string dataset, string backbone, int factor, IReadOnlyList<ClickCellResult> cells)
    {
        writer.WriteLine();
        writer.WriteLine(factor == 1
            ? Text($"## {dataset}, {backbone}, full tables by precision")
            : Text($"## {dataset}, {backbone}, {factor} times fewer bytes"));
        writer.WriteLine();
        writer.WriteLine("| tables | bytes | log loss | to full | AUC |");
        writer.WriteLine("|--------|------:|---------:|--------:|----:|");
        var found = cells.ToDictionary(cell => cell, cell => cell.Found);
        string[] names = [.. cells[0].Tables.Select(row => row.Name).Distinct()];
        foreach (string name in names)
        {
            ClickCellRow[] rows = [.. cells.Select(cell => name == cell.Options.Method ? found[cell] : cell.Tables.FirstOrDefault(row => row.Name == name)).OfType<ClickCellRow>()];
            if (rows.Length < cells.Count)
                continue;
            double[] ratios = [.. rows.Zip(cells, (row, cell) => (row.LogLoss.Value / cell.Tables[0].LogLoss.Value) - 1)];
            string toFull = Text($"{ratios.Average():+0.00%;-0.00%;0.00%}") + (ratios.Length > 1 && name != "full" ? Text($" +- {SeedInterval.HalfOf(ratios):0.00%}") : "");
            var (loss, auc) = (Of(rows, row => row.LogLoss), Of(rows, row => row.Auc));
            string shown = name == cells[0].Options.Method ? $"**{name}**" : name;
            writer.WriteLine(Text($"| {shown} | {rows.Max(row => row.Bytes):N0} | {loss.Mean:0.0000} +- {loss.Half:0.0000} | {toFull} | {auc.Mean:0.0000} +- {auc.Half:0.0000} |"));
        }

        writer.WriteLine();
        foreach (var cell in cells)
        {
            writer.WriteLine(Text($"- seed {cell.Cell.Seed}, {cell.Cell.Effort.ToString().ToLowerInvariant()}: {Outline(cell)}{cell.Machine}. Commit {cell.Commit}, {cell.Date}."));
        }
    }

    /// <summary>The mean, and half of a 95 % interval.</summary>
    private static (double Mean, double Half) Of(IReadOnlyList<ClickCellRow> rows, Func<ClickCellRow, Engine.Evaluation.Estimate> of)
    {
        double mean = rows.Average(row => of(row).Value);
        if (rows.Count == 1)
            return (mean, of(rows[0]).High - mean);
        return (mean, SeedInterval.HalfOf([.. rows.Select(row => of(row).Value)]));
    }

    /// <summary>How the found tables are stored: the best trial's way, and the rows of every field.</summary>
    private static string Outline(ClickCellResult cell)
    {
        if (cell.Trials.MaxBy(trial => trial.Fitness) is not { } best)
            return "";
        string rows = string.Join(", ", cell.Found.Fields.Select(field => Text($"{field.Name} {field.Rows} for {field.Categories} x {field.Width}")));
        return Text($"{cell.Trials.Count} trials; found {best.Recipe.Method ?? "rows by frequency"} in {best.Recipe.Precision.ToString().ToLowerInvariant()}, rows of {rows}. ");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
