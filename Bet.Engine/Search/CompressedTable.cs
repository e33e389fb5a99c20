using Bet.Engine.Embeddings;

namespace Bet.Engine.Search;

/// <summary>
/// Both sides stored by a compressor. The budget is divided between them by their rows, as far as both can do with their
/// parts, and what one side leaves is offered to the other.
/// </summary>
internal sealed record CompressedTable(Compressor Compressor) : ComparedTable(Compressor.Name, Compressor.Title)
{
    public override bool NeedsTraining => !Compressor.Least(1, Compressor.LeastMaximumSize).IsFullUntilPacked;

    public override void Check(MemoryBudget budget)
    {
        if (budget.MaximumSize < Compressor.LeastMaximumSize)
            throw new BudgetException("compare", $"'{Name}' was given; it needs a maximumSize of at least {Compressor.LeastMaximumSize}, which is {budget.MaximumSize}");
        var least = new TableShape(Least(budget.Users, budget), Least(budget.Items, budget));
        if (least.Bytes > budget.MaximumBytes || least.Values > budget.MaximumValues)
            throw new BudgetException("compare", $"'{Name}' was given; its smallest table for {budget.Users} users and {budget.Items} items {budget.NeedsOf(least.Bytes, least.Values)}");
    }

    public override TableShape Shape(ComparedContext context) => Shape(context.Budget);

    /// <summary>The table that spends most of the budget.</summary>
    /// <exception cref="BudgetException">See <see cref="Check"/>.</exception>
    public TableShape Shape(MemoryBudget budget)
    {
        Check(budget);
        double share = (double)budget.Users / ((double)budget.Users + budget.Items);
        SideShape leastUsers = Least(budget.Users, budget), leastItems = Least(budget.Items, budget);
        var users = Compressor.Largest(
            budget.Users, budget.MaximumSize,
            Part(share, budget.MaximumBytes, leastUsers.Bytes, leastItems.Bytes),
            Part(share, budget.MaximumValues, leastUsers.Values, leastItems.Values));
        var items = Beside(users, budget.Items, budget);
        return new TableShape(Beside(items, budget.Users, budget), items);
    }

    private SideShape Least(int rows, MemoryBudget budget) => Compressor.Least(rows, budget.MaximumSize);

    private SideShape Beside(SideShape other, int rows, MemoryBudget budget) => Compressor.Largest(
        rows, budget.MaximumSize, budget.MaximumBytes - other.Bytes, budget.MaximumValues - other.Values);

    /// <summary>The users' part of a whole, of which both sides need something.</summary>
    private static long Part(double share, long whole, long users, long items) =>
        Math.Clamp((long)(share * whole), users, whole - items);
}
