using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Embeddings;

namespace Bet.Engine.Search;

/// <summary>
/// Ours: sizes and precision are one action. After the <see cref="FirstTrials"/>, which climb along a few lines, the others have
/// the largest expected improvement under a Gaussian process, over thousands of candidates: curves over rank anywhere, and
/// curves near the best so far.
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

    private readonly SearchOptions options = context.Options;
    private readonly ActionSpace space = new(
        context.Budget, context.Options.Precision, AxesOf(context.Options), context.Options.Seed);

    public override TrialChoice Choose(int trial, IReadOnlyList<TrialResult> history, IReadOnlyList<TableSizes> pending)
    {
        if (new FirstTrials(space).Next(history, pending) is { } first)
            return first;
        if (history.Count == 0)
            return Drawn(trial, pending[0]);

        var process = Process(history, pending);
        double best = history.Max(known => process.Predict(ActionFeatures.Of(known.Sizes)).Mean);
        var origin = history.MaxBy(known => known.Fitness)!.Sizes;
        // Curves that differ can give the same table where rows are full.
        HashSet<TableSizes> tried = [.. history.Select(known => known.Sizes), .. pending];
        var candidates = new (TableSizes Sizes, string Users, string Items, double[] Features, double Improvement)[options.Candidates];
        using (var workers = new Workers(context.Threads))
        {
            workers.For(candidates.Length, i =>
            {
                var random = new Philox(options.Seed, RandomPurpose.BetPlus, ((uint)trial * SizeSampler.MaximumCandidates) + (uint)i);
                var (sizes, users, items) = i < LocalShare * candidates.Length ? Near(origin, random) : Anywhere(origin, random);
                double[] features = ActionFeatures.Of(sizes);
                double improvement = tried.Contains(sizes) ? double.NegativeInfinity : process.ExpectedImprovement(features, best);
                candidates[i] = (sizes, users.Name, items.Name, features, improvement);
            });
        }

        var chosen = candidates.MaxBy(candidate => candidate.Improvement);
        return new TrialChoice(
            chosen.Sizes, chosen.Users, chosen.Items, SelectionRule.ExpectedImprovement, process.Predict(chosen.Features).Mean);
    }

    private static IReadOnlyList<ColumnAxes> AxesOf(SearchOptions options) => options.WarmStart
        ? BackboneRegistry.DefaultsOf(options.Backbone).For(options.Pretraining.Loss).Axes
        : [ColumnAxes.Principal];

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

    /// <summary>Where nothing is known yet and the first trials are used up.</summary>
    private TrialChoice Drawn(int trial, TableSizes origin)
    {
        var random = new Philox(options.Seed, RandomPurpose.BetPlus, (uint)trial * SizeSampler.MaximumCandidates);
        var (sizes, users, items) = Anywhere(origin, random);
        return new TrialChoice(sizes, users.Name, items.Name, SelectionRule.Random, null);
    }

    private (TableSizes Sizes, SizeCurve Users, SizeCurve Items) Near(TableSizes origin, Philox random)
    {
        var users = SizeCurve.Of(origin.Users).Near(random, 0, LocalDeviation);
        var items = SizeCurve.Of(origin.Items).Near(random, 8, LocalDeviation);
        double share = Math.Clamp(space.ShareOf(origin) + (random.Normals(16).First * LocalShareDeviation), 0.01, 0.99);
        return (space.OfShare(PrecisionNear(origin, random), share, users, items), users, items);
    }

    private (TableSizes Sizes, SizeCurve Users, SizeCurve Items) Anywhere(TableSizes origin, Philox random)
    {
        var users = SizeCurve.Draw(random, 0);
        var items = SizeCurve.Draw(random, 8);
        double logit = space.UniformLogit + (random.Normals(16).First * ShareDeviation);
        return (space.Of(PrecisionNear(origin, random), logit, users, items), users, items);
    }

    /// <summary>Of each side the best trial's precision, or one with more or fewer bits.</summary>
    private TablePrecision PrecisionNear(TableSizes best, Philox random) => space.PrecisionOf(best) with
    {
        Users = PrecisionNear(best.Users.Precision, random, 17),
        Items = PrecisionNear(best.Items.Precision, random, 18),
    };

    private Precision PrecisionNear(Precision best, Philox random, ulong position)
    {
        double drawn = random.Uniform(position);
        int step = drawn >= OtherPrecisions ? 0 : drawn < OtherPrecisions / 2 ? -1 : 1;
        return space.Precisions[Math.Clamp(space.IndexOf(best) + step, 0, space.Precisions.Count - 1)];
    }
}
