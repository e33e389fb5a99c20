using Bet.Engine.Clicks;
using Bet.Engine.Compute;
using Bet.Engine.Fields;

namespace Bet.Engine.ClickSearches;

/// <summary>
/// Shapes of all fields' tables from a <see cref="FieldRecipe"/>: by its method; without one a field's frequent categories have
/// rows of their own, the others share a few by their remainder, and one threshold for all fields spends the budget.
/// </summary>
/// <param name="fields">Of the data.</param>
/// <param name="budget">Never exceeded.</param>
public sealed class FieldAllocation(IReadOnlyList<PreparedField> fields, FieldBudget budget)
{
    /// <summary>Halvings of the threshold's range, after which it is as exact as a double is.</summary>
    private const int Steps = 64;

    /// <summary>Samples of each category, by field.</summary>
    private readonly int[][] frequencies = [.. fields.Select(field => field.Frequencies)];

    /// <summary>Samples of the most frequent category, by field: taken once, as candidates are many and categories may be millions.</summary>
    private readonly int[] most = [.. fields.Select(field => field.Frequencies.DefaultIfEmpty().Max())];

    /// <summary>The smallest tables that there are: one row of one bit for each field, of a width that then costs least.</summary>
    public static IReadOnlyList<FieldShape> Least(IReadOnlyList<int> categories, int size) =>
        [.. categories.Select(n => new[] { 1, size }.Select(width => Shape(n, size, 0, 1, Precision.Int1, width)).MinBy(shape => shape.Bytes)!)];

    /// <summary>The shapes; null where the budget cannot hold a row of this recipe for every field.</summary>
    public IReadOnlyList<FieldShape>? Of(FieldRecipe recipe) => recipe.Method is { } name
        ? ByMethod(FieldMethods.Find(name)!.In(recipe.Precision))
        : ByFrequency(recipe);

    private IReadOnlyList<FieldShape>? ByMethod(FieldMethod method)
    {
        int[] categories = [.. fields.Select(each => each.Categories)];
        long bytes = budget.LargestBytes(method.Precision);
        return method.LeastBytes(categories, budget.Size, 0) <= bytes ? method.LargestOfAll(categories, frequencies, budget.Size, bytes) : null;
    }

    private IReadOnlyList<FieldShape>? ByFrequency(FieldRecipe recipe)
    {
        double[] worth = [.. recipe.Weights.Select(Math.Exp)];
        double high = most.Select((count, f) => count * worth[f]).Max() * 2;
        if (At(0) is var all && budget.Holds(all))
            return all;
        if (At(high) is var none && !budget.Holds(none))
            return null;
        double low = 0;
        for (int step = 0; step < Steps; step++)
        {
            double middle = (low + high) / 2;
            (low, high) = budget.Holds(At(middle)) ? (low, middle) : (middle, high);
        }

        var shapes = At(high);
        Spend(shapes, recipe, worth);
        return shapes;

        FieldShape[] At(double threshold) =>
            [.. frequencies.Select((counts, f) => Shape(recipe, f, HeadOf(counts, threshold / worth[f])))];
    }

    private FieldShape Shape(FieldRecipe recipe, int field, int head)
    {
        int n = frequencies[field].Length;
        int cells = (int)Math.Clamp(Math.Round(head * recipe.TailShare), 1, Math.Max(1, n - head));
        // A tail of as many rows as categories is no tail, and a small field is not worth a projection.
        int width = recipe.Width;
        var shape = Shape(n, budget.Size, head, cells, recipe.Precision, width);
        var whole = Shape(n, budget.Size, head, cells, recipe.Precision, budget.Size);
        return whole.Bytes <= shape.Bytes ? whole : shape;
    }

    private static FieldShape Shape(int categories, int size, int head, int cells, Precision precision, int width) =>
        head + cells >= categories
            ? FieldShape.Full(categories, size, precision, width)
            : new FieldShape(categories, size, [new Partition(1, cells)], head: head, width: width) { Precision = precision };

    /// <summary>How many of falling counts are at least so much. The last number, of rare categories, never is.</summary>
    private static int HeadOf(int[] falling, double least)
    {
        int low = 0, high = falling.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = falling[middle - 1] >= least ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>Ties leave something over: rows for one category more, always where a sample counts most, while any fits.</summary>
    private void Spend(FieldShape[] shapes, FieldRecipe recipe, double[] worth)
    {
        var open = Enumerable.Range(0, shapes.Length).ToHashSet();
        while (open.Count > 0)
        {
            int field = open.MaxBy(f => NextCount(f) * worth[f]);
            var before = shapes[field];
            int head = HeadIn(before) + 1;
            if (head >= frequencies[field].Length || HeadIn(before) == before.Categories)
            {
                open.Remove(field);
                continue;
            }

            shapes[field] = Shape(recipe, field, head);
            if (budget.Holds(shapes))
                continue;
            shapes[field] = before;
            open.Remove(field);
        }

        double NextCount(int f) => HeadIn(shapes[f]) < frequencies[f].Length ? frequencies[f][HeadIn(shapes[f])] : 0;
    }

    private static int HeadIn(FieldShape shape) => shape.Partitions[0].Cells == shape.Categories ? shape.Categories : shape.Head;
}
