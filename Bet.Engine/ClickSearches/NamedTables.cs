using Bet.Engine.Clicks;
using Bet.Engine.Fields;
using Bet.Engine.Search;

namespace Bet.Engine.ClickSearches;

/// <summary>The tables of all fields by a method of <see cref="FieldMethods"/>.</summary>
internal static class NamedTables
{
    /// <summary>Of so many collisions, or as large as the budget lets them be.</summary>
    /// <exception cref="OptionException">There is no method of that name.</exception>
    /// <exception cref="BudgetException">The budget cannot hold them.</exception>
    public static IReadOnlyList<FieldShape> Of(string name, ClickSearchOptions options, PreparedClicks data)
    {
        var method = FieldMethods.Find(name) ?? throw new OptionException("method", $"'{name}' was given; there are {FieldMethods.Known}");
        int[] categories = data.Categories;
        if (options.Collisions is { } collisions)
            return [.. categories.Select(n => method.Shape(n, options.Size, collisions, options.Threshold))];
        long bytes = FieldBudget.From(options.Budget!, categories, options.Size).LargestBytes(method.Precision);
        return method.LargestOfAll(categories, [.. data.Fields.Select(field => field.Frequencies)], options.Size, bytes, options.Threshold);
    }

    /// <summary>Whether every budget holds all tables that are asked for.</summary>
    /// <exception cref="BudgetException">One does not; the message says what would do.</exception>
    public static void Check(ClickSearchOptions options, PreparedClicks data)
    {
        _ = FieldBudget.AllOf(options, data.Categories);
        string[] names = options.IsSearch ? [.. options.Compare] : [.. options.Compare, options.Method];
        foreach (var point in options.Budgets?.Select(asked => options with { Budget = asked }) ?? [options])
        {
            foreach (string name in names)
                _ = Of(name, point, data);
        }
    }
}
