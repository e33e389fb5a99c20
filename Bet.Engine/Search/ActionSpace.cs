using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Embeddings;

namespace Bet.Engine.Search;

/// <summary>The table size actions under a budget: a precision and a curve for each side, and the users' share.</summary>
/// <param name="budget">The bound.</param>
/// <param name="precision">Of both sides; null: any that the budget can hold.</param>
/// <param name="axes">What coarse rows may begin on, the likeliest to be best first.</param>
/// <param name="seed">Of sizes that are drawn.</param>
internal sealed class ActionSpace(MemoryBudget budget, Precision? precision, IReadOnlyList<ColumnAxes> axes, ulong seed)
{
    /// <summary>The precisions that may be, of the fewest bits first.</summary>
    public IReadOnlyList<Precision> Precisions { get; } = precision is { } only
        ? [only]
        : [.. Compute.Precisions.All.OrderBy(possible => possible.Bits()).Where(budget.CanHold)];

    /// <summary>What coarse rows begin on unless another is tried.</summary>
    public ColumnAxes FirstAxes => axes[0];

    /// <summary>Whether they may begin on these.</summary>
    public bool MayBeginOn(ColumnAxes one) => axes.Contains(one);

    /// <summary>The logit of the users' share where users and items have equal rows.</summary>
    public double UniformLogit { get; } = Math.Log((double)budget.Users / budget.Items);

    /// <summary>The sign of a change of that logit which gives more to the side with fewer rows.</summary>
    public int ToFewerRows => budget.Users <= budget.Items ? 1 : -1;

    public TableSizes Uniform(TablePrecision stored) => Sampler(stored).Uniform();

    /// <summary>The action of a users' share, by its logit, and a curve a side.</summary>
    public TableSizes Of(TablePrecision stored, double shareLogit, SizeCurve users, SizeCurve items) =>
        Sampler(stored).Of(1 / (1 + Math.Exp(-shareLogit)), users, items);

    public TableSizes OfShare(TablePrecision stored, double share, SizeCurve users, SizeCurve items) =>
        Sampler(stored).Of(share, users, items);

    /// <summary>The place of one of <see cref="Precisions"/>.</summary>
    public int IndexOf(Precision one) => Precisions.TakeWhile(other => other != one).Count();

    /// <summary>Whether every row has all its values.</summary>
    public bool IsFull(TableSizes sizes) => sizes.Values == ((long)budget.Users + budget.Items) * budget.MaximumSize;

    /// <summary>The users' share of the bytes, or of the values where these were asked for.</summary>
    public double ShareOf(TableSizes sizes) => budget.IsOfValues
        ? (double)sizes.Users.Values / sizes.Values
        : (double)PackedLayout.SideBytes(sizes.Users) / sizes.Bytes;

    /// <summary>How a table is stored; of fine rows with the axes that coarse ones would begin on.</summary>
    public TablePrecision PrecisionOf(TableSizes sizes)
    {
        var stored = new TablePrecision(sizes.Users.Precision, sizes.Items.Precision);
        return stored with { Axes = stored.IsCoarse ? sizes.Axes : FirstAxes };
    }

    /// <summary>Both sides alike.</summary>
    public TablePrecision Both(Precision stored) => TablePrecision.Both(stored) with { Axes = FirstAxes };

    private SizeSampler Sampler(TablePrecision stored) => new(budget, seed, stored);
}
