using Bet.Engine.Compute;
using Bet.Engine.Embeddings;

namespace Bet.Engine.Search;

/// <summary>
/// The trials that <see cref="BetPlusMethod"/> begins with: climbs along a few lines, as these decide most. Each begins at the
/// best so far and ends where a step is worse:
/// <list type="number">
/// <item>uniform sizes in more and more bits, from the most with which all rows are full (fewer for both sides would save
/// nothing), or else from the fewest;</item>
/// <item>where its rows are coarse, the same on other axes;</item>
/// <item>of the best of those fewer and fewer bits on the side with more rows, then more and more on the other. Coarse values
/// for one side can be better than fine ones for both, and may be so on other axes;</item>
/// <item>more and more of the budget for the side with fewer rows, or else for the other. A graph's users are mostly what
/// their items are and the other way round, so where bytes are few one side can do with next to none, more likely the one
/// that has more rows;</item>
/// <item>sizes that fall more and more with rank;</item>
/// <item>where both sides are of one precision still, fewer bits on the side with fewer rows or more on the other.</item>
/// </list>
/// docs/decisions/2026-11-21-expected-improvement.md
/// </summary>
internal sealed class FirstTrials(ActionSpace space)
{
    /// <summary>How far the logit of the users' share is from that of uniform sizes, step by step.</summary>
    private static readonly double[] ShareSteps = [1.5, 3, 4.5];

    /// <summary>Halvings over the middle and over the tail, step by step.</summary>
    private static readonly double[] FallSteps = [0.5, 1, 2];

    /// <summary>One step of a climb; both sides' sizes follow the curve.</summary>
    private readonly record struct Step(TableSizes Sizes, SizeCurve Curve = default);

    /// <summary>Each gives the steps from the best so far, which the first is not given.</summary>
    private Func<TableSizes, IEnumerable<Step>>[] Climbs =>
    [
        _ => Bits.Select(precision => new Step(space.Uniform(space.Both(precision)))),
        OnOtherAxes,
        best => Mixed(best, ofFewerRows: 0, ofMoreRows: -1),
        best => Mixed(best, ofFewerRows: 1, ofMoreRows: 0),
        OnOtherAxes,
        best => ShareSteps.Select(step => Shared(best, space.ToFewerRows * step)),
        best => IsUniform(best) ? ShareSteps.Select(step => Shared(best, -space.ToFewerRows * step)) : [],
        best => FallSteps.Select(step => Falling(best, new SizeCurve(0, step, step))),
        best => IsOfOnePrecision(best) ? Mixed(best, ofFewerRows: -1, ofMoreRows: 0) : [],
        best => IsOfOnePrecision(best) ? Mixed(best, ofFewerRows: 0, ofMoreRows: 1) : [],
    ];

    /// <summary>The precisions of the first climb.</summary>
    private IEnumerable<Precision> Bits
    {
        get
        {
            int full = space.Precisions.Count - 1;
            while (full > 0 && !space.IsFull(space.Uniform(space.Both(space.Precisions[full]))))
                full--;
            return space.Precisions.Skip(full);
        }
    }

    /// <summary>
    /// The next step; null once all climbs have ended. Beside one that is pending another climb begins, as the next step of the
    /// same would be of no use if that one is worse; but the first climb goes on until two of its steps are known, as the others
    /// begin where it ends.
    /// </summary>
    public TrialChoice? Next(IReadOnlyList<TrialResult> history, IReadOnlyList<TableSizes> pending)
    {
        var climbs = Climbs;
        var steps = new List<TableSizes>();
        TrialResult? best = null;
        foreach (var climb in climbs)
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
                else if (climb != climbs[0] || steps.Count > 2)
                {
                    break;
                }
            }
        }

        return null;
    }

    /// <summary>Uniform sizes with so much more bits or less a side, in places among the precisions, step by step.</summary>
    private IEnumerable<Step> Mixed(TableSizes best, int ofFewerRows, int ofMoreRows)
    {
        var (ofUsers, ofItems) = space.ToFewerRows > 0 ? (ofFewerRows, ofMoreRows) : (ofMoreRows, ofFewerRows);
        for (int step = 1; ; step++)
        {
            int users = space.IndexOf(best.Users.Precision) + (step * ofUsers);
            int items = space.IndexOf(best.Items.Precision) + (step * ofItems);
            if (Math.Min(users, items) < 0 || Math.Max(users, items) >= space.Precisions.Count)
                yield break;
            yield return new Step(space.Uniform(
                space.PrecisionOf(best) with { Users = space.Precisions[users], Items = space.Precisions[items] }));
        }
    }

    private IEnumerable<Step> OnOtherAxes(TableSizes best)
    {
        var stored = space.PrecisionOf(best);
        return stored.IsCoarse
            ? Enum.GetValues<ColumnAxes>().Where(space.MayBeginOn).Select(axes => new Step(space.Uniform(stored with { Axes = axes })))
            : [];
    }

    private Step Shared(TableSizes best, double step) =>
        new(space.Of(space.PrecisionOf(best), space.UniformLogit + step, default, default));

    private Step Falling(TableSizes best, SizeCurve curve) =>
        new(space.OfShare(space.PrecisionOf(best), space.ShareOf(best), curve, curve), curve);

    private static bool IsOfOnePrecision(TableSizes sizes) => sizes.Users.Precision == sizes.Items.Precision;

    private bool IsUniform(TableSizes sizes) => sizes == space.Uniform(space.PrecisionOf(sizes));
}
