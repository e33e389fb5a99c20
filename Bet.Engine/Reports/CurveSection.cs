using Bet.Engine.Evaluation;
using Bet.Engine.Search;
using static Bet.Engine.Reports.ReportText;
using static Bet.Engine.Reports.SvgChart;

namespace Bet.Engine.Reports;

/// <summary>The part of a page that shows a curve: Recall@20 against bytes, with intervals, and the numbers below it.</summary>
internal static class CurveSection
{
    /// <param name="curve">Its points so far; the part is empty where there are none.</param>
    /// <param name="marked">The point that the page is about; null for none.</param>
    /// <param name="folders">Whether the numbers link to the points' own pages, "budget-2/report.html".</param>
    public static string Of(QualityCurve curve, int? marked, bool folders = false)
    {
        if (curve.Points.Count == 0)
            return "";
        bool refitted = curve.FullRefitted is not null && curve.Points.All(point => point.Refitted is not null);
        var full = refitted ? curve.FullRefitted! : curve.Full;
        (CurvePoint Point, TableRow Row)[] points =
            [.. curve.Points.Select(point => (point, refitted ? point.Refitted! : point.Found)).OrderBy(point => point.Item2.Bytes)];
        string trained = refitted ? " Trained on the training and the validation part." : "";
        return Invariant($"<h2>Quality against bytes</h2><p class=\"quiet\">{Key("#1f6fb4", "found")}{(marked is null ? "" : Key("#c9661c", "this table"))}{Compared(points)}Bars are 95&nbsp;% intervals over users.{trained} The dotted line is the full table of {Bytes(full.Bytes)}.</p>")
            + Chart(points, full, marked) + Table(points, full, marked, folders);
    }

    private static string Compared((CurvePoint Point, TableRow Row)[] points) =>
        points.Any(point => point.Point.Compared.Count > 0) && points.All(point => point.Row.TrainedOn != TrainedOn.TrainAndValidation)
            ? Key("#8b98a7", string.Join(", ", points.SelectMany(point => point.Point.Compared).Select(row => Escape(row.Name)).Distinct()))
            : "";

    private static SvgChart Chart((CurvePoint Point, TableRow Row)[] points, TableRow full, int? marked)
    {
        (string unit, double bytes) = points[^1].Row.Bytes >= 2_000_000 ? ("MB", 1e6) : ("kB", 1e3);
        var beside = points.SelectMany(point => point.Point.Compared.Where(row => row.TrainedOn == point.Row.TrainedOn)).ToList();
        var x = AxisScale.AroundRatios([.. points.Select(point => point.Row.Bytes / bytes), .. beside.Select(row => row.Bytes / bytes)]);
        var y = AxisScale.Around([.. points.Select(point => point.Row).Append(full).SelectMany(row => new[] { Low(row), High(row) }), .. beside.Select(Recall)]);
        var chart = new SvgChart(
                $"Recall@{Cutoff} against bytes", x, $"{unit} that the table takes", y, $"Recall@{Cutoff} on the test part")
            .Segment(x.Least, Recall(full), x.Most, Recall(full), "level")
            .Words(x.Least, Recall(full), "full size");
        foreach (var row in beside)
            chart.Dot(row.Bytes / bytes, Recall(row), "other", What(row));
        chart.Line(points.Select(point => (point.Row.Bytes / bytes, Recall(point.Row))), "curve");
        foreach (var (point, row) in points)
        {
            double at = row.Bytes / bytes;
            chart.Segment(at, Low(row), at, High(row), "whisker");
            chart.Dot(at, Recall(row), point.Point == marked ? "winner" : "chosen", What(row));
        }

        return chart;
    }

    private static string Table((CurvePoint Point, TableRow Row)[] points, TableRow full, int? marked, bool folders)
    {
        string rows = string.Concat(points.Select(point => Line(
            point.Row, folders ? Invariant($"<a href=\"{SearchStep.PrefixOf(point.Point.Point)}{ReportPage.Name}\">{Short(point.Point.Asked)}</a>") : Short(point.Point.Asked),
            point.Point.Point == marked)));
        return Invariant($"<div class=\"scroll\"><table><tr><th>asked for</th><th>stored</th><th>values</th><th>bytes</th><th>Recall@{Cutoff}</th><th>NDCG@{Cutoff}</th></tr>{rows}{Line(full, "full size", false)}</table></div>");
    }

    private static string Line(TableRow row, string asked, bool marked) =>
        Invariant($"<tr{(marked ? " class=\"found\"" : "")}><td>{asked}</td><td>{Stored(row.UserPrecision, row.ItemPrecision)}</td><td>{row.Values:N0}</td><td>{row.Bytes:N0}</td>")
        + Invariant($"<td>{Interval(Recall(row), row.Test.RecallErrorAt(Cutoff))}</td><td>{Interval(row.Test.NdcgAt(Cutoff), row.Test.NdcgErrorAt(Cutoff))}</td></tr>");

    private static string Short(BudgetRequest asked) =>
        asked.Sparsity is { } sparsity ? Invariant($"{sparsity:0.##%} fewer") : Asked(asked);

    private static string What(TableRow row) => Invariant($"{row.Name}: {row.Bytes:N0} bytes, Recall@{Cutoff} {Recall(row):0.0000}");

    private static double Recall(TableRow row) => row.Test.RecallAt(Cutoff);

    private static double Low(TableRow row) => Recall(row) - (RankingMetrics.ConfidenceErrors * row.Test.RecallErrorAt(Cutoff));

    private static double High(TableRow row) => Recall(row) + (RankingMetrics.ConfidenceErrors * row.Test.RecallErrorAt(Cutoff));
}
