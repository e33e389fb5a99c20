using Bet.Engine.Search;
using static Bet.Engine.Reports.ReportText;
using static Bet.Engine.Reports.SvgChart;

namespace Bet.Engine.Reports;

/// <summary>report.html of a whole curve: what every budget gives; each point's folder has a page of its own.</summary>
internal static class CurvePage
{
    public static void Write(Stream stream, SearchOptions options, QualityCurve curve) => HtmlPage.Write(
        stream, $"{options.Backbone}, quality against bytes", [Headline(options, curve), CurveSection.Of(curve, null, folders: true)]);

    private static string Headline(SearchOptions options, QualityCurve curve) =>
        Invariant($"<h1>{Escape(options.Backbone)}: what a table is worth by its bytes</h1>")
        + Invariant($"<p class=\"lead\">{curve.Points.Count} of {options.Budgets!.Count} budgets; the full float32 table takes {Bytes(curve.Full.Bytes)}.</p>")
        + Invariant($"<p>Searched for by {Escape(options.Method)}, effort {Lower(options.Effort)}, {options.Trials} trials a budget, seed {options.Seed}. On the test part, which no training and no choice has seen.</p>");
}
