using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;

namespace Bet.Engine.Search;

/// <summary>
/// Ours: sizes and precision are one action. The first trials climb along a few lines, as these decide most: uniform sizes
/// in more and more bits; then, in the best precision, more and more of the budget for one side; then sizes that fall more
/// and more with rank. The others have the largest expected improvement under a Gaussian process, over thousands of
/// candidates: curves over rank anywhere, and curves near the best so far.
/// </summary>
internal sealed class BetPlusMethod(SearchContext context) : SearchMethod
{
    /// <summary>Of the candidates, how many lie near the best trial.</summary>
    private const double LocalShare = 0.4;

    /// <summary>How far a local candidate's curve goes, in halvings, and its users' share.</summary>
    private const double LocalDeviation = 0.4;

    private const double LocalShareDeviation = 0.06;

    /// <summary>Standard deviation of the users' share among candidates, in its logit, around what their number gives.</summary>
    private const double ShareDeviation = 1.2;

    /// <summary>How often a candidate's side has one precision more or less bits than the best so far.</summary>
    private const double OtherPrecisions = 0.3;

    /// <summary>How far the logit of the users' share is from that of uniform sizes, step by step.</summary>
    private static readonly double[] ShareSteps = [1.5, 3, 4.5];

    /// <summary>Halvings over the middle and over the tail, step by step.</summary>
    private static readonly double[] FallSteps = [0.5, 1, 2];

    private readonly SearchOptions options = context.Options;
    private readonly MemoryBudget budget = context.Budget;

    /// <summary>The precisions that may be, of the fewest bits first.</summary>
    private readonly Precision[] possible = context.Options.Precision is { } only
        ? [only]
        : [.. Precisions.All.OrderBy(precision => precision.Bits()).Where(context.Budget.CanHold)];

    /// <summary>Where users and items have equal rows.</summary>
    private double UniformLogit => Math.Log((double)budget.Users / budget.Items);

    public override TrialChoice Choose(int trial, IReadOnlyList<TrialResult> history, IReadOnlyList<TableSizes> pending)
    {
        if (NextBeginning(history, pending) is { } beginning)
            return beginning;
        if (history.Count == 0)
            return Drawn(trial, pending[0]);

        var process = Process(history, pending);
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

    /// <summary>
    /// Goes through what is known; and through what is pending as if it came out just as expected, so that little is
    /// expected of more of the same.
    /// </summary>
    private GaussianProcess Process(IReadOnlyList<TrialResult> history, IReadOnlyList<TableSizes> pending)
    {
        // Sizes and bits say how many bytes a table takes, so trials under other budgets are points of the same function.
        List<(double[] Features, double Fitness)> points =
            [.. context.Elsewhere.Concat(history).Select(known => (ActionFeatures.Of(known.Sizes), known.Fitness))];
        foreach (var sizes in pending)
        {
            double[] features = ActionFeatures.Of(sizes);
            points.Add((features, Through(points).Predict(features).Mean));
        }

        return Through(points);
    }

    private static GaussianProcess Through(List<(double[] Features, double Fitness)> points) =>
        new([.. points.Select(point => point.Features)], [.. points.Select(point => point.Fitness)]);

    /// <summary>Where nothing is known yet and the beginnings are used up.</summary>
    private TrialChoice Drawn(int trial, TableSizes origin)
    {
        var random = new Philox(options.Seed, RandomPurpose.BetPlus, (uint)trial * SizeSampler.MaximumCandidates);
        var (sizes, users, items) = Anywhere(origin, random);
        return new TrialChoice(sizes, users.Name, items.Name, SelectionRule.Random, null);
    }

    /// <summary>
    /// The next step of the climbs, each of which begins at the best so far and ends where a step is worse; of a step that
    /// is pending the best is hoped. Null once all have ended.
    /// </summary>
    private TrialChoice? NextBeginning(IReadOnlyList<TrialResult> history, IReadOnlyList<TableSizes> pending)
    {
        var steps = new List<TableSizes>();
        TrialResult? best = null;
        foreach (var climb in Climbs)
        {
            foreach (var (sizes, curve) in climb(best?.Sizes ?? pending.FirstOrDefault()!))
            {
                // Where rows are full, or of the least size, a step may change nothing.
                if (steps.Contains(sizes))
                    continue;
                steps.Add(sizes);
                if (history.FirstOrDefault(trial => trial.Sizes == sizes) is { } tried)
                {
                    if (tried.Fitness < best?.Fitness)
                        break;
                    best = tried;
                }
                else if (!pending.Contains(sizes))
                {
                    return new TrialChoice(sizes, curve.Name, curve.Name, SelectionRule.Beginning, null);
                }
            }
        }

        return null;
    }

    /// <summary>
    /// From the best so far, which the first is not given. A graph's users are mostly what their items are and the other way
    /// round, so where bytes are few one side can do with next to none; more likely the one that has more rows.
    /// </summary>
    private Func<TableSizes, IEnumerable<(TableSizes Sizes, SizeCurve Curve)>>[] Climbs =>
    [
        _ => possible.Select(precision => (UniformIn(TablePrecision.Both(precision)), default(SizeCurve))),
        best => ShareSteps.Select(step => Shared(best, ToFewer * step)),
        best => IsUniform(best) ? ShareSteps.Select(step => Shared(best, -ToFewer * step)) : [],
        best => FallSteps.Select(step => Falling(best, new SizeCurve(0, step, step))),
    ];

    /// <summary>The sign of a step that gives more to the side with fewer rows.</summary>
    private int ToFewer => budget.Users <= budget.Items ? 1 : -1;

    private TableSizes UniformIn(TablePrecision precision) => Sampler(precision).Uniform();

    private bool IsUniform(TableSizes sizes) => sizes == UniformIn(PrecisionOf(sizes));

    private (TableSizes Sizes, SizeCurve Curve) Shared(TableSizes best, double step) =>
        (Sampler(PrecisionOf(best)).Of(Logistic(UniformLogit + step), default(SizeCurve), default), default);

    private (TableSizes Sizes, SizeCurve Curve) Falling(TableSizes best, SizeCurve curve) =>
        (Sampler(PrecisionOf(best)).Of(ShareOf(best), curve, curve), curve);

    private (TableSizes Sizes, SizeCurve Users, SizeCurve Items) Near(TableSizes origin, Philox random)
    {
        var users = SizeCurve.Of(origin.Users).Near(random, 0, LocalDeviation);
        var items = SizeCurve.Of(origin.Items).Near(random, 8, LocalDeviation);
        double share = Math.Clamp(ShareOf(origin) + (random.Normals(16).First * LocalShareDeviation), 0.01, 0.99);
        return (Sampler(PrecisionNear(origin, random)).Of(share, users, items), users, items);
    }

    private (TableSizes Sizes, SizeCurve Users, SizeCurve Items) Anywhere(TableSizes origin, Philox random)
    {
        var users = SizeCurve.Draw(random, 0);
        var items = SizeCurve.Draw(random, 8);
        double share = Logistic(UniformLogit + (random.Normals(16).First * ShareDeviation));
        return (Sampler(PrecisionNear(origin, random)).Of(share, users, items), users, items);
    }

    /// <summary>Of each side the best trial's precision, or one with more or fewer bits.</summary>
    private TablePrecision PrecisionNear(TableSizes best, Philox random) => new(
        PrecisionNear(best.Users.Precision, random, 17), PrecisionNear(best.Items.Precision, random, 18));

    private Precision PrecisionNear(Precision best, Philox random, ulong position)
    {
        double drawn = random.Uniform(position);
        int step = drawn >= OtherPrecisions ? 0 : drawn < OtherPrecisions / 2 ? -1 : 1;
        return possible[Math.Clamp(Array.IndexOf(possible, best) + step, 0, possible.Length - 1)];
    }

    private static double Logistic(double logit) => 1 / (1 + Math.Exp(-logit));

    private SizeSampler Sampler(TablePrecision precision) => new(budget, options.Seed, precision);

    private static TablePrecision PrecisionOf(TableSizes sizes) => new(sizes.Users.Precision, sizes.Items.Precision);

    /// <summary>The users' share of the bytes, or of the values where these were asked for.</summary>
    private double ShareOf(TableSizes sizes) => budget.IsOfValues
        ? (double)sizes.Users.Values / sizes.Values
        : (double)Artifacts.PackedLayout.SideBytes(sizes.Users) / sizes.Bytes;
}
