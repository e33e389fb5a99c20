using Bet.Engine.Data;

namespace Bet.Engine.Search;

/// <summary>What a method of searching goes by.</summary>
internal sealed record SearchContext(SearchOptions Options, MemoryBudget Budget, PreparedDataset Data)
{
    /// <summary>Trials under other budgets, of the same data and the same full table; their fitness is comparable.</summary>
    public IReadOnlyList<TrialResult> Elsewhere { get; init; } = [];

    /// <summary>That draw and judge candidates; the choice is the same for any number of them.</summary>
    public int Threads { get; init; } = 1;
}

/// <summary>The action of a trial and how it was come by.</summary>
/// <param name="Sizes">The action.</param>
/// <param name="UserFamily">What its users' sizes were drawn from.</param>
/// <param name="ItemFamily">What its items' sizes were drawn from.</param>
/// <param name="Selection">How it was chosen.</param>
/// <param name="Predicted">The fitness that is expected of it; null where nothing can be said.</param>
internal sealed record TrialChoice(
    TableSizes Sizes, string UserFamily, string ItemFamily, SelectionRule Selection, double? Predicted);

/// <summary>
/// How a search comes by the tables that it tries. What is chosen for a trial follows from the options, the budget, the
/// data and what is known of the trials before, and from nothing else.
/// </summary>
internal abstract class SearchMethod
{
    /// <param name="trial">From 1.</param>
    /// <param name="history">The results of the first trials.</param>
    /// <param name="pending">What was chosen for those between them and this one, in order: how good it is nobody knows yet.</param>
    public abstract TrialChoice Choose(int trial, IReadOnlyList<TrialResult> history, IReadOnlyList<TableSizes> pending);

    /// <summary>
    /// As <see cref="Choose"/>, with as many trials pending as options allow, whether or not they have ended by now: so
    /// the choice is the same for any number of workers.
    /// </summary>
    /// <param name="trial">From 1.</param>
    /// <param name="done">Results of trials; those of the first ones, up to so many before this one, must be there.</param>
    /// <param name="parallel"><see cref="SearchOptions.ParallelTrials"/>.</param>
    public (TrialChoice Choice, IReadOnlyList<TrialResult> History) ChooseBeside(
        int trial, IReadOnlyList<TrialResult> done, int parallel)
    {
        TrialResult[] KnownTo(int other) => [.. done.Where(result => result.Number <= other - parallel)];

        // What a trial before this one knows is known here too, so one pass in their order is enough.
        var chosen = KnownTo(trial).ToDictionary(result => result.Number, result => result.Sizes);
        for (int other = Math.Max(1, trial - parallel + 1); other < trial; other++)
            chosen[other] = Choose(other, KnownTo(other), Pending(other)).Sizes;
        var history = KnownTo(trial);
        return (Choose(trial, history, Pending(trial)), history);

        TableSizes[] Pending(int other) =>
            [.. Enumerable.Range(1, other - 1).Skip(Math.Max(0, other - parallel)).Select(number => chosen[number])];
    }
}

/// <summary>The methods by name. A new one is a file of its own and a line here.</summary>
public static class SearchMethods
{
    /// <summary>The paper's.</summary>
    public const string Bet = "bet";

    /// <summary>Ours: precision and sizes together, by expected improvement.</summary>
    public const string BetPlus = "bet-plus";

    private static readonly Dictionary<string, (Func<SearchContext, SearchMethod> Make, bool WarmStart)> Entries = new()
    {
        [BetPlus] = (context => new BetPlusMethod(context), WarmStart: true),
        [Bet] = (context => new BetMethod(context), WarmStart: false),
    };

    public static IReadOnlyCollection<string> Names => Entries.Keys;

    internal static SearchMethod Create(SearchContext context) => Entries[context.Options.Method].Make(context);

    /// <summary>See <see cref="SearchOptions.WarmStart"/>.</summary>
    internal static bool WarmStartOf(string name) => Entries[name].WarmStart;
}
