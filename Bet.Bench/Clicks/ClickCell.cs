using Bet.Engine.ClickSearches;
using Bet.Engine.Evaluation;
using Bet.Engine.Search;

namespace Bet.Bench.Clicks;

/// <summary>One search over click data: a model, how many times fewer bytes, a seed.</summary>
/// <param name="Dataset">A folder of shared/data.</param>
/// <param name="Backbone">Which model.</param>
/// <param name="Factor">How many times fewer bytes than full float32 tables take.</param>
/// <param name="Effort">How much work the search may be.</param>
/// <param name="Seed">Of everything random, the split included.</param>
public sealed record ClickCell(string Dataset, string Backbone, int Factor, Effort Effort, ulong Seed)
{
    /// <summary>Of its files: "ml1m-ctr-dlrm-15-quick-1".</summary>
    public string Name => FormattableString.Invariant($"{Dataset}-{Backbone}-{Factor}-{Effort.ToString().ToLowerInvariant()}-{Seed}");
}

/// <summary>Trained tables, judged on the test part.</summary>
/// <param name="Name">See <see cref="ClickTableResult.Name"/>.</param>
/// <param name="Bytes">Of all tables, as they are served.</param>
/// <param name="Quality">On the validation part; see <see cref="ClickTableResult.Quality"/>.</param>
/// <param name="LogLoss">In nats.</param>
/// <param name="Auc">Of the test part, as all that follows.</param>
/// <param name="Accuracy">With clicks foretold from a half on.</param>
/// <param name="Calibration">Clicks foretold over clicks.</param>
/// <param name="Seconds">Of the training, wall time.</param>
/// <param name="Fields">How each field is stored, of found tables; of others it follows from the name.</param>
public sealed record ClickCellRow(
    string Name, long Bytes, double Quality, Estimate LogLoss, Estimate Auc, Estimate Accuracy, Estimate Calibration, double Seconds,
    IReadOnlyList<FieldOutline> Fields)
{
    public static ClickCellRow Of(ClickTableResult row, bool isFound) => new(
        row.Name, row.Bytes, row.Quality, row.Test.LogLoss, row.Test.Auc, row.Test.Accuracy, row.Test.Calibration, row.Seconds,
        isFound ? row.Fields : []);
}

/// <summary>What came of a cell; stored in bench/results/clicks when its search has ended.</summary>
/// <param name="Cell">Which one.</param>
/// <param name="MaximumBytes">The budget.</param>
/// <param name="Options">All that decided the result.</param>
/// <param name="Tables">The tables that were trained: full, those compared with, and the found ones, the best first.</param>
/// <param name="Trials">The trials, in order.</param>
/// <param name="Machine">Where it ran, on how many cores.</param>
/// <param name="Commit">Of the program.</param>
/// <param name="Date">When it ended.</param>
public sealed record ClickCellResult(
    ClickCell Cell, long MaximumBytes, ClickSearchOptions Options, IReadOnlyList<ClickCellRow> Tables,
    IReadOnlyList<ClickTrialResult> Trials, string Machine, string Commit, string Date)
{
    /// <summary>The found tables.</summary>
    public ClickCellRow Found => Tables.First(row => row.Name == Options.Method);
}
