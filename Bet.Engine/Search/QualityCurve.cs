using Bet.Engine.Evaluation;

namespace Bet.Engine.Search;

/// <summary>What was found under one of a curve's budgets; stored as <c>point.json</c> among the point's steps.</summary>
/// <param name="Point">Which of the budgets, from 1.</param>
/// <param name="Asked">The budget, as it was asked for.</param>
/// <param name="MaximumBytes">The most bytes that it allows.</param>
/// <param name="Found">The table that was found, trained on the training part, with its validation and test quality.</param>
/// <param name="Refitted">The same table trained again on the training and the validation part; null where that was not asked for or not come to.</param>
/// <param name="Compared">Those that it was compared with, under the same budget and trained the same way.</param>
public sealed record CurvePoint(
    int Point, BudgetRequest Asked, long MaximumBytes, TableRow Found, TableRow? Refitted, IReadOnlyList<TableRow> Compared);

/// <summary>
/// Quality against bytes: <c>curve.json</c>. Each quality comes with its standard error over the users; see
/// <see cref="RankingMetrics"/>.
/// </summary>
/// <param name="Full">The full float32 table.</param>
/// <param name="FullRefitted">It, trained again on the training and the validation part; null where that was not asked for.</param>
/// <param name="Points">One a budget, in the order in which they were asked for; those that are done.</param>
public sealed record QualityCurve(TableRow Full, TableRow? FullRefitted, IReadOnlyList<CurvePoint> Points)
{
    /// <summary>The file's name among the artifacts.</summary>
    public const string FileName = "curve.json";
}
