using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.ClickSearches;
using Bet.Engine.Fields;
using Bet.Engine.Search;
using static Bet.Engine.Reports.ReportText;
using static Bet.Engine.Reports.SvgChart;

namespace Bet.Engine.Reports;

/// <summary>report.html of a search over click data. The same search gives the same bytes.</summary>
public static class ClickReportPage
{
    private static readonly string[] Colours = ["#1f6fb4", "#c9661c", "#7fb2dd", "#e5a26d", "#c4ddf2", "#f5d6bd"];

    /// <summary>Writes the page, UTF-8.</summary>
    public static void Write(Stream stream, ClickSearchOptions options, ClickSearchMetrics metrics, ClickTableResult found) => HtmlPage.Write(
        stream, Invariant($"{options.Backbone}, {Bytes(found.Bytes)}"),
        [
            Headline(options, metrics, found), Quality(metrics, found), Fields(found), Trials(metrics, found),
            Honesty(metrics), Origin(options, metrics),
        ]);

    private static string Headline(ClickSearchOptions options, ClickSearchMetrics metrics, ClickTableResult found)
    {
        var full = metrics.Tables[0];
        string asked = options.Budget is { } budget
            ? Invariant($"Asked for: {Asked(budget)}, which is at most {metrics.Budget!.MaximumBytes:N0} bytes; used: {found.Bytes:N0}.")
            : Invariant($"Asked for: {options.Collisions} collisions; used: {found.Bytes:N0} bytes.");
        return Invariant($"<h1>{Escape(options.Backbone)}: embedding tables of {Bytes(found.Bytes)}</h1>")
            + Invariant($"<p class=\"lead\">{(double)found.Bytes / full.Bytes:0.0%} of the full float32 tables' {Bytes(full.Bytes)}. Their log loss is <b>{found.Test.LogLoss.Value:0.0000}</b>, the full tables' {full.Test.LogLoss.Value:0.0000} ({(found.Test.LogLoss.Value / full.Test.LogLoss.Value) - 1:+0.00%;-0.00%}).</p>")
            + $"<p>{asked} " + Invariant($"{found.Fields.Count} fields of {found.Fields.Sum(field => (long)field.Categories):N0} categories, {metrics.TrainRows:N0} samples to train on. ")
            + Invariant($"Method {Escape(options.Method)}, effort {Lower(options.Effort)}, {metrics.Trials.Count} trials, seed {options.Seed}.</p>");
    }

    private static string Quality(ClickSearchMetrics metrics, ClickTableResult found)
    {
        var rows = metrics.Tables;
        string table = string.Concat(rows.Select(row => Invariant($"<tr{(row == found ? " class=\"found\"" : "")}><td>{Escape(Title(row))}</td><td>{Interval(row.Test.LogLoss.Value, row.Test.LogLoss.Error)}</td><td>{Interval(row.Test.Auc.Value, row.Test.Auc.Error)}</td><td>{row.Bytes:N0}</td><td>{row.Test.Accuracy.Value:0.0%}</td><td>{row.Test.Calibration.Value:0.000}</td></tr>")));
        var scale = AxisScale.Around([.. rows.SelectMany(row => new[] { row.Test.LogLoss.Low, row.Test.LogLoss.High })]);
        var chart = new SvgChart("Log loss of every table", scale, "log loss on the test part, less is better", new AxisScale(0.4, rows.Count + 0.9), "", 56 + (46 * rows.Count));
        for (int i = 0; i < rows.Count; i++)
        {
            int at = rows.Count - i;
            chart.Label(at, Title(rows[i]));
            chart.Segment(rows[i].Test.LogLoss.Low, at, rows[i].Test.LogLoss.High, at, "whisker");
            chart.Dot(rows[i].Test.LogLoss.Value, at, rows[i] == found ? "winner" : "other", Title(rows[i]));
        }

        return $"<h2>How good it is</h2><div class=\"scroll\"><table><tr><th>tables</th><th>log loss</th><th>AUC</th><th>bytes</th><th>accuracy</th><th>calibration</th></tr>{table}</table></div>"
            + $"<p class=\"quiet\">On the test part, which no training and no choice has seen; {Escape(metrics.Protocol)}. Lines are 95&nbsp;% intervals. Calibration is the mean said over the mean seen.</p>{chart}";
    }

    /// <summary>Who got the bytes.</summary>
    private static string Fields(ClickTableResult found)
    {
        double all = found.Fields.Sum(field => field.Bytes);
        var largest = found.Fields.OrderByDescending(field => field.Bytes).ToList();
        string bar = string.Concat(largest.Select((field, i) => Invariant($"<span style=\"width:{field.Bytes / all:0.00%};background:{Colours[i % Colours.Length]}\"></span>")));
        string rows = string.Concat(largest.Select((field, i) => Invariant($"<tr><td>{Key(Colours[i % Colours.Length])}{Escape(field.Name)}</td><td>{field.Bytes:N0}</td><td>{field.Bytes / all:0.0%}</td><td>{field.Categories:N0}</td><td>{field.Head:N0}</td><td>{field.Rows:N0}</td><td>{field.Width}</td><td>{Lower(field.Precision)}</td></tr>")));
        return $"<h2>Where the bytes went</h2><div class=\"bar\">{bar}</div><div class=\"scroll\"><table><tr><th>field</th><th>bytes</th><th>share</th><th>categories</th><th>with rows of their own</th><th>rows</th><th>values a row</th><th>stored as</th></tr>{rows}</table></div>";
    }

    private static string Trials(ClickSearchMetrics metrics, ClickTableResult found)
    {
        var trials = metrics.Trials;
        if (trials.Count == 0)
            return "";
        var chart = new SvgChart("Fitness of every trial", new AxisScale(0, trials.Count + 1), "trial", AxisScale.Around([.. trials.Select(trial => trial.Fitness)]), "fitness");
        double best = double.NegativeInfinity;
        chart.Line(trials.Select(trial => ((double)trial.Number, best = Math.Max(best, trial.Fitness))), "best", steps: true);
        foreach (var trial in trials)
            chart.Dot(trial.Number, trial.Fitness, trial.Number == found.Trial ? "winner" : trial.Selection == SelectionRule.ExpectedImprovement ? "chosen" : "beginning", Outline(trial));
        string rows = string.Concat(trials.Select(trial => Invariant($"<tr><td>{trial.Number}</td><td>{Escape(Way(trial))}</td><td>{Lower(trial.Recipe.Precision)}</td><td>{(trial.Recipe.Method is null ? Invariant($"{trial.Recipe.Width}") : "")}</td><td>{(trial.Recipe.Method is null ? Invariant($"{trial.Recipe.TailShare:0.00}") : "")}</td><td>{trial.PredictedFitness:0.0000}</td><td>{trial.Fitness:0.0000}</td></tr>")));
        return $"<h2>What was tried</h2><p class=\"quiet\">Fitness: how much of what can be known the tables know, trained on {Invariant($"{metrics.TrialShare:0.##%}")} of the samples, over what full tables know that were trained on as many. {Key("#8b98a7", "where a search begins")}{Key("#1f6fb4", "chosen by what was learnt")}{Key("#c9661c", "the one that was kept")}The dashed line is the best so far.</p>{chart}"
            + $"<details><summary>All trials</summary><div class=\"scroll\"><table><tr><th>trial</th><th>rows</th><th>stored as</th><th>values a row</th><th>shared rows</th><th>expected</th><th>fitness</th></tr>{rows}</table></div></details>";
    }

    private static string Honesty(ClickSearchMetrics metrics)
    {
        var said = metrics.Trials.Where(trial => trial.PredictedFitness is not null).ToList();
        if (said.Count == 0)
            return "";
        double[] expected = [.. said.Select(trial => trial.PredictedFitness!.Value)], measured = [.. said.Select(trial => trial.Fitness)];
        var scale = AxisScale.Around([.. expected, .. measured]);
        var chart = new SvgChart("Expected and measured fitness", scale, "expected fitness", scale, "measured fitness", 360)
            .Segment(scale.Least, scale.Least, scale.Most, scale.Most, "level");
        foreach (var trial in said)
            chart.Dot(trial.PredictedFitness!.Value, trial.Fitness, "chosen", Outline(trial));
        string correlation = RankCorrelation.Of(expected, measured) is { } rho
            ? Invariant($" Their rank correlation is {rho:0.00} over {said.Count} trials.")
            : " They are too few for a rank correlation.";
        return $"<h2>How far the search saw ahead</h2><p class=\"quiet\">Before a trial the search says what fitness it expects. On the dotted line it was right.{correlation}</p>{chart}";
    }

    private static string Origin(ClickSearchOptions options, ClickSearchMetrics metrics) =>
        Invariant($"<h2>How to get it again</h2><p>Engine {Manifest.CurrentEngine}, seed {options.Seed}, split <code>{Escape(metrics.SplitHash[..16])}</code>. The same request over the same data gives the same bytes.</p>")
        + $"<details><summary>All options</summary><pre>{Escape(JsonSerializer.Serialize(options, ArtifactJson.Indented))}</pre></details>";

    private static string Title(ClickTableResult row) => row.Name == "full" ? "full size" : FieldMethods.Find(row.Name)?.Title ?? row.Name;

    private static string Way(ClickTrialResult trial) =>
        trial.Recipe.Method is { } method ? FieldMethods.Find(method)!.Title : "by frequency";

    private static string Outline(ClickTrialResult trial) => Invariant(
        $"trial {trial.Number}: {Way(trial)}, {Lower(trial.Recipe.Precision)}, fitness {trial.Fitness:0.0000}");
}
