using Bet.Engine.Artifacts;
using Bet.Engine.Search;

namespace Bet.Engine.Reports;

/// <summary>What a report tells.</summary>
/// <param name="Options">All that decided the result.</param>
/// <param name="Metrics">The tables' and the trials' numbers.</param>
/// <param name="Table">The table that is served.</param>
/// <param name="UserFrequencies">Training interactions by row.</param>
/// <param name="ItemFrequencies">Training interactions by row.</param>
public sealed record ReportContent(
    SearchOptions Options, SearchMetrics Metrics, PackedTable Table, IReadOnlyList<int> UserFrequencies,
    IReadOnlyList<int> ItemFrequencies)
{
    /// <summary>The curve that the table is a point of, as far as it is known; null where there is one budget.</summary>
    public QualityCurve? Curve { get; init; }

    public MemoryBudget Budget => Table.Origin.Budget;

    /// <summary>What the table is served from is the last row of its method: trained again where that was asked for.</summary>
    public TableRow Found => Metrics.Tables.Where(row => row.Name == Options.Method).MaxBy(row => row.TrainedOn)!;

    /// <summary>The rows that were trained as the found one was, and the full table where it was given.</summary>
    public IReadOnlyList<TableRow> Beside =>
        [.. Metrics.Tables.Where(row => row.TrainedOn == Found.TrainedOn || row.TrainedOn == TrainedOn.Given)];
}
