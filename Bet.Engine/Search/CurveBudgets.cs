namespace Bet.Engine.Search;

/// <summary>The bounds of a search's budgets, and the rules for a list of them.</summary>
public static class CurveBudgets
{
    /// <summary>The least points of a curve.</summary>
    public const int Fewest = 2;

    /// <summary>The most points of a curve.</summary>
    public const int Most = 16;

    /// <summary>One bound for a search under one budget, one a point for a curve.</summary>
    /// <exception cref="BudgetException">
    /// Too few or too many budgets, one that cannot be met, or two that come to the same; the field is
    /// "budget.sparsity", or of a list "budgets[2].sparsity", counted from 0. Or "compare": a table to compare with cannot be
    /// made under one of them.
    /// </exception>
    public static IReadOnlyList<MemoryBudget> From(SearchOptions options, int users, int items)
    {
        if (options.Budgets is not { } budgets)
            return [Bound(options.Budget)];
        if (budgets.Count is < Fewest or > Most)
            throw new BudgetException("budgets", $"{budgets.Count} were given; a curve has {Fewest} to {Most} points, and one budget is given as \"budget\"");
        var bounds = new List<MemoryBudget>();
        for (int i = 0; i < budgets.Count; i++)
        {
            var bound = BoundOf(i);
            int same = bounds.FindIndex(other =>
                (other.MaximumBytes, other.MaximumValues) == (bound.MaximumBytes, bound.MaximumValues));
            if (same >= 0)
                throw new BudgetException(
                    $"budgets[{i}]", $"it comes to the same as budgets[{same}], at most {bound.MaximumBytes} bytes; leave one of them out");
            bounds.Add(bound);
        }

        return bounds;

        MemoryBudget Bound(BudgetRequest asked)
        {
            var bound = MemoryBudget.From(
                asked, users, items, options.MinimumSize, options.MaximumSize, options.Precision);
            ComparedTables.Check(options.Compare, bound);
            return bound;
        }

        MemoryBudget BoundOf(int i)
        {
            try
            {
                return Bound(budgets[i]);
            }
            catch (BudgetException e)
            {
                throw e.Field.StartsWith("budget", StringComparison.Ordinal)
                    ? new BudgetException($"budgets[{i}]{e.Field["budget".Length..]}", e.Message)
                    : new BudgetException(e.Field, $"under budgets[{i}] {e.Message}");
            }
        }
    }
}
