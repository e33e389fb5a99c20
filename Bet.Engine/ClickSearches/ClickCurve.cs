using Bet.Engine.Search;

namespace Bet.Engine.ClickSearches;

/// <summary>What was found under one of a curve's budgets.</summary>
/// <param name="Point">Which of the budgets, from 1.</param>
/// <param name="Asked">The budget, as it was asked for.</param>
/// <param name="MaximumBytes">The most bytes that it allows.</param>
/// <param name="Found">The tables that were found.</param>
/// <param name="Compared">Those that they were compared with, under the same budget.</param>
public sealed record ClickCurvePoint(
    int Point, BudgetRequest Asked, long MaximumBytes, ClickTableResult Found, IReadOnlyList<ClickTableResult> Compared);

/// <summary>Log loss against bytes: <c>curve.json</c>.</summary>
/// <param name="Full">Full float32 tables.</param>
/// <param name="Points">One a budget, in the order in which they were asked for; those that are done.</param>
public sealed record ClickCurve(ClickTableResult Full, IReadOnlyList<ClickCurvePoint> Points);
