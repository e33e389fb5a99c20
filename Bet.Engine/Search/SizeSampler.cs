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
/// </summary>
public sealed class SizeSampler(MemoryBudget budget, ulong seed)
{
    /// <summary>The most candidates of one trial; bounds the numbering of random streams.</summary>
    public const int MaximumCandidates = 1 << 17;

    /// <summary>Streams of one draw: the choices, the users' values, the items' values.</summary>
    private const uint Streams = 3;

    /// <summary>The action number <paramref name="candidate"/> of a trial; both count from 0 or 1 as the caller likes.</summary>
    public TableSizesDraw Draw(int trial, int candidate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trial);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)candidate, (uint)MaximumCandidates);
        uint stream = (((uint)trial * MaximumCandidates) + (uint)candidate) * Streams;
        var choices = new Philox(seed, RandomPurpose.SizeSampling, stream);
        long userValues = Feasible(choices.Uniform(0) * budget.MaximumValues);
        var (users, userFamily) = DrawSide(choices, 1, stream + 1, budget.Users, userValues);
        var (items, itemFamily) = DrawSide(choices, 3, stream + 2, budget.Items, budget.MaximumValues - userValues);
        return new TableSizesDraw(
            new TableSizes(users, items), SizeFamilies.Name(userFamily), SizeFamilies.Name(itemFamily),
            (double)userValues / budget.MaximumValues);
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
            BudgetProjection.Project(Ones(budget.Users), userValues, budget.MinimumSize, budget.MaximumSize),
            BudgetProjection.Project(
                Ones(budget.Items), budget.MaximumValues - userValues, budget.MinimumSize, budget.MaximumSize));
    }

    private static double[] Ones(int rows)
    {
        var ones = new double[rows];
        Array.Fill(ones, 1);
        return ones;
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

    private (SideSizes Sizes, SizeFamily Family) DrawSide(
        Philox choices, ulong position, uint stream, int rows, long values)
    {
        var family = (SizeFamily)choices.Below(position, SizeFamilies.Count);
        double parameter = (1 - choices.Uniform(position + 1)) * SizeFamilies.LargestParameter(family);
        var drawn = new double[rows];
        SizeFamilies.DrawFalling(family, parameter, new Philox(seed, RandomPurpose.SizeSampling, stream), drawn);
        return (BudgetProjection.Project(drawn, values, budget.MinimumSize, budget.MaximumSize), family);
    }
}
