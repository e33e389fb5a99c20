using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;

namespace Bet.Engine.Search;

/// <summary>One drawn action and where it came from.</summary>
/// <param name="Sizes">The action; it spends the budget.</param>
/// <param name="UserFamily">The users' family, by name.</param>
/// <param name="ItemFamily">The items' family, by name.</param>
/// <param name="UserShare">The users' share w of the budget, after clamping to what the sides can hold.</param>
public sealed record TableSizesDraw(TableSizes Sizes, string UserFamily, string ItemFamily, double UserShare);

/// <summary>
/// Draws table size actions under a budget (BET, section 3.3 and Eqs. 5-6): a share w of the budget for the users, a
/// family and parameter for each side, values scaled to the side's budget. Every action spends the budget: not one value
/// more would fit, unless every row is full. A draw depends on (seed, trial, candidate) alone.
/// <para>
/// Where the paper draws a value for every row and sorts them, row r of n has the quantile that (r + 1/2) / n of the
/// distribution exceed: what the sorted values come to, without their noise, for a few thousand evaluations whatever n.
/// </para>
/// </summary>
/// <param name="budget">The bound.</param>
/// <param name="seed">Of the draws.</param>
/// <param name="precision">How both sides' values are stored; float32 where it is left out.</param>
public sealed class SizeSampler(MemoryBudget budget, ulong seed, TablePrecision precision = default)
{
    /// <summary>The most candidates of one trial; bounds the numbering of random streams.</summary>
    public const int MaximumCandidates = 1 << 17;

    /// <summary>The action number <paramref name="candidate"/> of a trial; both count from 0 or 1 as the caller likes.</summary>
    public TableSizesDraw Draw(int trial, int candidate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trial);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)candidate, (uint)MaximumCandidates);
        uint stream = ((uint)trial * MaximumCandidates) + (uint)candidate;
        var choices = new Philox(seed, RandomPurpose.SizeSampling, stream);
        double wish = choices.Uniform(0);
        var ofUsers = Distribution(choices, 1);
        var ofItems = Distribution(choices, 3);
        return new TableSizesDraw(
            Of(wish, x => RowsOfAtLeast(ofUsers, budget.Users, x), x => RowsOfAtLeast(ofItems, budget.Items, x)),
            ofUsers.Name, ofItems.Name, Divide(wish).Share);
    }

    /// <summary>The first candidates of a trial. The same for any number of threads.</summary>
    public TableSizesDraw[] DrawMany(int trial, int count, int threads)
    {
        var draws = new TableSizesDraw[count];
        using var workers = new Workers(threads);
        workers.For(count, candidate => draws[candidate] = Draw(trial, candidate));
        return draws;
    }

    /// <summary>
    /// The same size for every row, as nearly as the budget allows: what is left over is one value more for the most
    /// frequent rows, shared between the sides in proportion to their rows.
    /// </summary>
    public TableSizes Uniform()
    {
        long rows = (long)budget.Users + budget.Items;
        return Of((double)budget.Users / rows, default(SizeCurve), default);
    }

    /// <summary>The action of a share of the budget for the users and a curve a side.</summary>
    internal TableSizes Of(double userShare, SizeCurve ofUsers, SizeCurve ofItems) => Of(
        userShare, x => ofUsers.RowsOfAtLeast(x, budget.Users), x => ofItems.RowsOfAtLeast(x, budget.Items));

    /// <summary>
    /// The action of a share of the budget for the users, where sizes follow values of which a side says how many are at
    /// least x, for a positive x.
    /// </summary>
    internal TableSizes Of(double userShare, Func<double, int> usersOfAtLeast, Func<double, int> itemsOfAtLeast)
    {
        var (ofUsers, total, _) = Divide(userShare);
        var users = UserSide.Sizes(usersOfAtLeast, ofUsers);
        return new TableSizes(users, ItemSide.Sizes(itemsOfAtLeast, total - UserSide.Cost(users)))
            .In(precision);
    }

    private Side UserSide => new(budget, precision.Users, budget.Users);

    private Side ItemSide => new(budget, precision.Items, budget.Items);

    /// <summary>
    /// What the users get of how much, where their share is the one nearest to a wish that leaves both sides within d_min
    /// and d_max; and that share.
    /// </summary>
    private (long Users, long Total, double Share) Divide(double wish)
    {
        var (users, items) = (UserSide, ItemSide);
        long total = Math.Min(
            budget.IsOfValues ? budget.MaximumValues : budget.MaximumBytes - budget.IndexBytes, users.Most + items.Most);
        long ofUsers = Math.Clamp(
            (long)Math.Round(wish * total), Math.Max(users.Least, total - items.Most), Math.Min(users.Most, total - items.Least));
        return (ofUsers, total, (double)ofUsers / total);
    }

    private static SizeDistribution Distribution(Philox choices, ulong position)
    {
        var family = (SizeFamily)choices.Below(position, SizeDistribution.Families);
        return new SizeDistribution(
            family, (1 - choices.Uniform(position + 1)) * SizeDistribution.LargestParameter(family));
    }

    /// <summary>Sizes that follow a distribution's quantiles and add up to so many values.</summary>
    internal static SideSizes Sizes(SizeDistribution distribution, int rows, long values, int minimum, int maximum) =>
        BudgetProjection.Project(rows, x => RowsOfAtLeast(distribution, rows, x), values, minimum, maximum);

    /// <summary>Row r has a value of at least x where (r + 1/2) / rows of the distribution, or more, are at least x.</summary>
    private static int RowsOfAtLeast(SizeDistribution distribution, int rows, double x) =>
        (int)((distribution.Survival(x) * rows) + 0.5);

    /// <summary>What one side's values cost of the budget: bytes, or where values were asked for, themselves.</summary>
    private readonly record struct Side(MemoryBudget Budget, Precision Precision, int Rows)
    {
        public long Least => Budget.LeastOf(Precision, Rows);

        public long Most => Cost((long)Rows * Budget.MaximumSize, Rows);

        /// <summary>What a side's sizes cost, of whatever precision they say they are.</summary>
        public long Cost(SideSizes sizes) => Cost(sizes.Values, sizes.StoredRows);

        /// <summary>Sizes that follow the values of which so many are at least x, and cost no more than this.</summary>
        public SideSizes Sizes(Func<double, int> rowsOfAtLeast, long cost) => Budget.MinimumSize == 0
            ? SharedProjection.Project(Rows, rowsOfAtLeast, Budget.IsOfValues ? cost : 8 * cost, Budget.MaximumSize, Budget.CostOf(Precision))
            : BudgetProjection.Project(Rows, rowsOfAtLeast, Within(cost), Budget.MinimumSize, Budget.MaximumSize);

        private long Cost(long values, long rows) =>
            Budget.IsOfValues ? values : PackedLayout.ValueBytes(Precision, values, rows);

        /// <summary>The most values that cost so much, and that the rows can hold, all of which have some.</summary>
        private long Within(long cost) => Math.Min(
            (long)Rows * Budget.MaximumSize,
            Budget.IsOfValues ? cost : PackedLayout.ValuesWithin(Precision, cost, Rows));
    }
}
