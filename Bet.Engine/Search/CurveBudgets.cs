namespace Bet.Engine.Search;

/// <summary>A strict upper bound on what is served.</summary>
public interface IBudgetBound
{
    /// <summary>The most values that may be kept.</summary>
    long MaximumValues { get; }

    /// <summary>The most bytes that the packed values may take.</summary>
    long MaximumBytes { get; }
}

/// <summary>The bounds of a search's budgets, and the rules for a list of them.</summary>
public static class CurveBudgets
{
    /// <summary>The least points of a curve.</summary>
    public const int Fewest = 2;

    /// <summary>The most points of a curve.</summary>
    public const int Most = 16;

    /// <summary>One bound for a search under one budget, one a point for a curve.</summary>
    /// <exception cref="BudgetException">See <see cref="Of"/>. Or "compare": a table to compare with cannot be made under one of them.</exception>
    public static IReadOnlyList<MemoryBudget> From(SearchOptions options, int users, int items)
    {
        return options.Budgets is null ? [Bound(options.Budget)] : Of(options.Budgets, Bound);

        MemoryBudget Bound(BudgetRequest asked)
        {
            var bound = MemoryBudget.From(
                asked, users, items, options.MinimumSize, options.MaximumSize, options.Precision);
            ComparedTables.Check(options.Compare, bound);
            return bound;
        }
    }

    /// <summary>The bounds of a curve's points.</summary>
    /// <param name="budgets">As they were asked for.</param>
    /// <param name="bound">Of one of them.</param>
    /// <exception cref="BudgetException">
    /// Too few or too many budgets, one that cannot be met, or two that come to the same; the field is "budgets[2].sparsity",
    /// counted from 0.
    /// </exception>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<BudgetRequest> budgets, Func<BudgetRequest, T> bound)
        where T : IBudgetBound
    {
        if (budgets.Count is < Fewest or > Most)
            throw new BudgetException("budgets", $"{budgets.Count} were given; a curve has {Fewest} to {Most} points, and one budget is given as \"budget\"");
        var bounds = new List<T>();
        for (int i = 0; i < budgets.Count; i++)
        {
            var next = BoundOf(i);
            int same = bounds.FindIndex(other =>
                (other.MaximumBytes, other.MaximumValues) == (next.MaximumBytes, next.MaximumValues));
            if (same >= 0)
                throw new BudgetException(
                    $"budgets[{i}]", $"it comes to the same as budgets[{same}], at most {next.MaximumBytes} bytes; leave one of them out");
            bounds.Add(next);
        }

        return bounds;

        T BoundOf(int i)
        {
            try
            {
                return bound(budgets[i]);
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
