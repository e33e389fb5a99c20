using Bet.Engine.ClickSearches;
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

/// <summary>What came of a cell; stored in bench/results/clicks when its search has ended.</summary>
/// <param name="Cell">Which one.</param>
/// <param name="MaximumBytes">The budget.</param>
/// <param name="Options">All that decided the result.</param>
/// <param name="Tables">The tables that were trained, and those of full tables in int8, which take what they take.</param>
/// <param name="Trials">The trials, in order.</param>
/// <param name="Machine">Where it ran, on how many cores.</param>
/// <param name="Commit">Of the program.</param>
/// <param name="Date">When it ended.</param>
public sealed record ClickCellResult(
    ClickCell Cell, long MaximumBytes, ClickSearchOptions Options, IReadOnlyList<ClickTableResult> Tables,
    IReadOnlyList<ClickTrialResult> Trials, string Machine, string Commit, string Date)
{
    /// <summary>The found tables.</summary>
    public ClickTableResult Found => Tables.Where(row => row.Name == Options.Method).MaxBy(row => row.Quality)!;
}
