using Bet.Engine.ClickSearches;
using Bet.Engine.Search;
using static Bet.Engine.Reports.ReportText;
using static Bet.Engine.Reports.SvgChart;

namespace Bet.Engine.Reports;

/// <summary>report.html of a curve over click data: log loss against bytes; each point's folder has a page of its own.</summary>
internal static class ClickCurvePage
{
    public static void Write(Stream stream, ClickSearchOptions options, ClickCurve curve) => HtmlPage.Write(
        stream, $"{options.Backbone}, log loss against bytes", [Headline(options, curve), Curve(curve)]);

    private static string Headline(ClickSearchOptions options, ClickCurve curve) =>
        Invariant($"<h1>{Escape(options.Backbone)}: what tables are worth by their bytes</h1>")
        + Invariant($"<p class=\"lead\">{curve.Points.Count} of {options.Budgets!.Count} budgets; full float32 tables take {Bytes(curve.Full.Bytes)}.</p>")
        + Invariant($"<p>Method {Escape(options.Method)}, effort {Lower(options.Effort)}, {options.Trials} trials a budget, seed {options.Seed}. On the test part, which no training and no choice has seen.</p>");

    private static string Curve(ClickCurve curve)
    {
        if (curve.Points.Count == 0)
            return "";
        ClickCurvePoint[] points = [.. curve.Points.OrderBy(point => point.Found.Bytes)];
        ClickTableResult[] beside = [.. points.SelectMany(point => point.Compared)];
        string compared = beside.Length == 0 ? "" : Key("#8b98a7", string.Join(", ", beside.Select(row => Escape(row.Name)).Distinct()));
        string rows = string.Concat(points.Select(point => Line(
            point.Found, Invariant($"<a href=\"{SearchStep.PrefixOf(point.Point)}{ReportPage.Name}\">{Escape(Asked(point.Asked))}</a>"))));
        return Invariant($"<h2>Log loss against bytes</h2><p class=\"quiet\">{Key("#1f6fb4", "found")}{compared}Less is better. Bars are 95&nbsp;% intervals over samples. The dotted line is full tables of {Bytes(curve.Full.Bytes)}.</p>")
            + Chart(curve.Full, [.. points.Select(point => point.Found)], beside)
            + $"<div class=\"scroll\"><table><tr><th>asked for</th><th>values</th><th>bytes</th><th>log loss</th><th>AUC</th></tr>{rows}{Line(curve.Full, "full size")}</table></div>";
    }

    private static SvgChart Chart(ClickTableResult full, ClickTableResult[] found, ClickTableResult[] beside)
    {
        (string unit, double bytes) = found[^1].Bytes >= 2_000_000 ? ("MB", 1e6) : ("kB", 1e3);
        var x = AxisScale.AroundRatios([.. found.Concat(beside).Select(row => row.Bytes / bytes)]);
        var y = AxisScale.Around(
            [.. found.Append(full).SelectMany(row => new[] { row.Test.LogLoss.Low, row.Test.LogLoss.High }), .. beside.Select(Loss)]);
        var chart = new SvgChart("Log loss against bytes", x, $"{unit} that the tables take", y, "log loss on the test part")
            .Segment(x.Least, Loss(full), x.Most, Loss(full), "level")
            .Words(x.Least, Loss(full), "full size");
        foreach (var row in beside)
            chart.Dot(row.Bytes / bytes, Loss(row), "other", What(row));
        chart.Line(found.Select(row => (row.Bytes / bytes, Loss(row))), "curve");
        foreach (var row in found)
        {
            double at = row.Bytes / bytes;
            chart.Segment(at, row.Test.LogLoss.Low, at, row.Test.LogLoss.High, "whisker");
            chart.Dot(at, Loss(row), "chosen", What(row));
        }

        return chart;
    }

    private static string Line(ClickTableResult row, string asked) => Invariant(
        $"<tr><td>{asked}</td><td>{row.Values:N0}</td><td>{row.Bytes:N0}</td><td>{Interval(Loss(row), row.Test.LogLoss.Error)}</td><td>{Interval(row.Test.Auc.Value, row.Test.Auc.Error)}</td></tr>");

    private static string What(ClickTableResult row) => Invariant($"{row.Name}: {row.Bytes:N0} bytes, log loss {Loss(row):0.0000}");

    private static double Loss(ClickTableResult row) => row.Test.LogLoss.Value;
}
