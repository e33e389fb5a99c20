using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;

namespace Bet.Engine.Search;

/// <summary>
/// Ours: sizes and precision are one action. The first trials are uniform sizes in the precisions that the request allows,
/// as precision decides most: from the fewest bits up, until more bits are worse. The others have the largest expected improvement under a Gaussian process, over
/// thousands of candidates: curves over rank anywhere, and curves near the best so far.
/// </summary>
internal sealed class BetPlusMethod(SearchContext context) : SearchMethod
{
    /// <summary>Of the candidates, how many lie near the best trial.</summary>
    private const double LocalShare = 0.4;

    /// <summary>How far a local candidate's curve goes, in halvings, and its users' share.</summary>
    private const double LocalDeviation = 0.4;

    private const double LocalShareDeviation = 0.06;

    /// <summary>Standard deviation of the users' share among candidates, in its logit, around what their number gives.</summary>
    private const double ShareDeviation = 0.8;

    private readonly SearchOptions options = context.Options;
    private readonly MemoryBudget budget = context.Budget;

    /// <summary>Where all is still unknown: uniform sizes, of the fewest bits first.</summary>
    private IReadOnlyList<TablePrecision> Beginnings => options.Precision is { } only
        ? [TablePrecision.Both(only)]
        : [.. Precisions.All.OrderBy(precision => precision.Bits()).Where(budget.CanHold).Select(TablePrecision.Both)];

    public override TrialChoice Choose(int trial, IReadOnlyList<TrialResult> history)
    {
        if (NextBeginning(history) is { } beginning)
            return new TrialChoice(
                Sampler(beginning).Uniform(), default(SizeCurve).Name, default(SizeCurve).Name, SelectionRule.Beginning, null);

        // Sizes and bits say how many bytes a table takes, so trials under other budgets are points of the same function.
        TrialResult[] all = [.. context.Elsewhere, .. history];
        var process = new GaussianProcess(
            [.. all.Select(known => ActionFeatures.Of(known.Sizes))], [.. all.Select(known => known.Fitness)]);
        double best = history.Max(known => process.Predict(ActionFeatures.Of(known.Sizes)).Mean);
        var origin = history.MaxBy(known => known.Fitness)!.Sizes;
        var candidates = new (TableSizes Sizes, string Users, string Items, double[] Features, double Improvement)[options.Candidates];
        using (var workers = new Workers(Environment.ProcessorCount))
        {
            workers.For(candidates.Length, i =>
            {
                var random = new Philox(options.Seed, RandomPurpose.BetPlus, ((uint)trial * SizeSampler.MaximumCandidates) + (uint)i);
                var (sizes, users, items) = i < LocalShare * candidates.Length ? Near(origin, random) : Anywhere(origin, random);
                double[] features = ActionFeatures.Of(sizes);
                candidates[i] = (sizes, users.Name, items.Name, features, process.ExpectedImprovement(features, best));
            });
        }

        var chosen = candidates.MaxBy(candidate => candidate.Improvement);
        return new TrialChoice(
            chosen.Sizes, chosen.Users, chosen.Items, SelectionRule.ExpectedImprovement, process.Predict(chosen.Features).Mean);
    }

    /// <summary>Null once all precisions were begun with, or the last one was worse than the one before it.</summary>
    private TablePrecision? NextBeginning(IReadOnlyList<TrialResult> history)
    {
        var beginnings = Beginnings;
        bool worse = history.Take(beginnings.Count).Zip(history.Skip(1).Take(beginnings.Count - 1))
            .Any(pair => pair.Second.Selection == SelectionRule.Beginning && pair.Second.Fitness < pair.First.Fitness);
        return worse || history.Count >= beginnings.Count ? null : beginnings[history.Count];
    }

    private (TableSizes Sizes, SizeCurve Users, SizeCurve Items) Near(TableSizes origin, Philox random)
    {
        var users = SizeCurve.Of(origin.Users).Near(random, 0, LocalDeviation);
        var items = SizeCurve.Of(origin.Items).Near(random, 8, LocalDeviation);
        double share = Math.Clamp(ShareOf(origin) + (random.Normals(16).First * LocalShareDeviation), 0.01, 0.99);
        var precision = random.Uniform(17) < 0.7 ? PrecisionOf(origin) : AnyPrecision(random, 18);
        return (Sampler(precision).Of(share, users, items), users, items);
    }

    private (TableSizes Sizes, SizeCurve Users, SizeCurve Items) Anywhere(TableSizes origin, Philox random)
    {
        var users = SizeCurve.Draw(random, 0);
        var items = SizeCurve.Draw(random, 8);
        double logit = Math.Log((double)budget.Users / budget.Items) + (random.Normals(16).First * ShareDeviation);
        var precision = random.Uniform(17) < 0.5 ? PrecisionOf(origin) : AnyPrecision(random, 18);
        return (Sampler(precision).Of(1 / (1 + Math.Exp(-logit)), users, items), users, items);
    }

    /// <summary>Each side's precision for itself.</summary>
    private TablePrecision AnyPrecision(Philox random, ulong position)
    {
        if (options.Precision is { } only)
            return TablePrecision.Both(only);
        Precision[] possible = [.. Precisions.All.Where(budget.CanHold)];
        return new TablePrecision(
            possible[random.Below(position, possible.Length)], possible[random.Below(position + 1, possible.Length)]);
    }

    private SizeSampler Sampler(TablePrecision precision) => new(budget, options.Seed, precision);

    private static TablePrecision PrecisionOf(TableSizes sizes) => new(sizes.Users.Precision, sizes.Items.Precision);

    /// <summary>The users' share of the bytes, or of the values where these were asked for.</summary>
    private double ShareOf(TableSizes sizes) => budget.IsOfValues
        ? (double)sizes.Users.Values / sizes.Values
        : (double)Artifacts.PackedLayout.SideBytes(sizes.Users) / sizes.Bytes;
}
