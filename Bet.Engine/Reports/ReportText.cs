using Bet.Engine.Compute;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;
using static Bet.Engine.Reports.SvgChart;

namespace Bet.Engine.Reports;

/// <summary>How reports write what they all tell: bytes, budgets, precisions, intervals, and the keys of charts.</summary>
internal static class ReportText
{
    /// <summary>The k of the Recall@k and NDCG@k that reports show.</summary>
    public const int Cutoff = 20;

    public static string Stored(Precision users, Precision items) =>
        users == items ? Lower(users) : $"{Lower(users)} / {Lower(items)}";

    public static string Interval(double mean, double error) =>
        Invariant($"{mean:0.0000} &plusmn; {RankingMetrics.ConfidenceErrors * error:0.0000}");

    public static string Asked(BudgetRequest asked) => asked switch
    {
        { Sparsity: { } sparsity } => Invariant($"{sparsity:0.##%} fewer bytes than the full table"),
        { Parameters: { } values } => Invariant($"{values:N0} values"),
        _ => Invariant($"{asked.Bytes:N0} bytes"),
    };

    public static string Bytes(long bytes) => bytes switch
    {
        >= 1_000_000 => Invariant($"{bytes / 1e6:0.0} MB"),
        >= 1000 => Invariant($"{bytes / 1e3:0.0} kB"),
        _ => Invariant($"{bytes} bytes"),
    };

    public static string Key(string colour) => $"<span class=\"key\" style=\"background:{colour}\"></span>";

    public static string Key(string colour, string meaning) => $"<span class=\"pair\">{Key(colour)}{meaning}</span> ";

    public static string Lower(object value) => value.ToString()!.ToLowerInvariant();
}
