using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;

namespace Bet.Engine.Search;

/// <summary>One drawn action and where it came from.</summary>
/// <param name="Sizes">The action; it keeps exactly the budget's values.</param>
/// <param name="UserFamily">The users' family, by name.</param>
/// <param name="ItemFamily">The items' family, by name.</param>
/// <param name="UserShare">The users' share w of the budget, after clamping to what the sides can hold.</param>
public sealed record TableSizesDraw(TableSizes Sizes, string UserFamily, string ItemFamily, double UserShare);

/// <summary>
/// Draws table size actions under a budget (BET, section 3.3 and Eqs. 5-6): a share w of the budget for the users, a
/// family and parameter for each side, values scaled to the side's budget. Every action keeps exactly the budget's
/// values. A draw depends on (seed, trial, candidate) alone.
/// <para>
/// Where the paper draws a value for every row and sorts them, row r of n has the quantile that (r + 1/2) / n of the
/// distribution exceed: what the sorted values come to, without their noise, for a few thousand evaluations whatever n.
/// </para>
/// </summary>
public sealed class SizeSampler(MemoryBudget budget, ulong seed)
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
        long userValues = Feasible(choices.Uniform(0) * budget.MaximumValues);
        var ofUsers = Distribution(choices, 1);
        var ofItems = Distribution(choices, 3);
        return new TableSizesDraw(
            new TableSizes(
                Side(budget.Users, userValues, ofUsers), Side(budget.Items, budget.MaximumValues - userValues, ofItems)),
            ofUsers.Name, ofItems.Name, (double)userValues / budget.MaximumValues);
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
        long userValues = Feasible((double)budget.MaximumValues * budget.Users / rows);
        return new TableSizes(
            Even(budget.Users, userValues), Even(budget.Items, budget.MaximumValues - userValues));
    }

    /// <summary>The users' values nearest to a wish that leave both sides within d_min and d_max.</summary>
    private long Feasible(double wish)
    {
        long least = Math.Max(
            (long)budget.MinimumSize * budget.Users, budget.MaximumValues - ((long)budget.MaximumSize * budget.Items));
        long most = Math.Min(
            (long)budget.MaximumSize * budget.Users, budget.MaximumValues - ((long)budget.MinimumSize * budget.Items));
        return Math.Clamp((long)Math.Round(wish), least, most);
    }

    private static SizeDistribution Distribution(Philox choices, ulong position)
    {
        var family = (SizeFamily)choices.Below(position, SizeDistribution.Families);
        return new SizeDistribution(
            family, (1 - choices.Uniform(position + 1)) * SizeDistribution.LargestParameter(family));
    }

    /// <summary>Row r has a value of at least x where (r + 1/2) / rows of the distribution, or more, are at least x.</summary>
    internal static SideSizes Sizes(SizeDistribution distribution, int rows, long values, int minimum, int maximum) =>
        BudgetProjection.Project(
            rows, x => (int)((distribution.Survival(x) * rows) + 0.5), values, minimum, maximum);

    private SideSizes Side(int rows, long values, SizeDistribution distribution) =>
        Sizes(distribution, rows, values, budget.MinimumSize, budget.MaximumSize);

    private SideSizes Even(int rows, long values) =>
        BudgetProjection.Project(rows, x => x <= 1 ? rows : 0, values, budget.MinimumSize, budget.MaximumSize);
}
