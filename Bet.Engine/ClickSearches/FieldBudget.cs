using Bet.Engine.Compute;
using Bet.Engine.Fields;
using Bet.Engine.Search;

namespace Bet.Engine.ClickSearches;

/// <summary>A strict upper bound on the tables of all fields together.</summary>
/// <param name="Asked">The request, as it was made.</param>
/// <param name="Categories">n of each field.</param>
/// <param name="Size">d.</param>
/// <param name="MaximumValues">The most values that the tables may keep.</param>
/// <param name="MaximumBytes">The most bytes that the packed tables may take: values, scales and projections.</param>
public sealed record FieldBudget(BudgetRequest Asked, IReadOnlyList<int> Categories, int Size, long MaximumValues, long MaximumBytes)
    : IBudgetBound
{
    /// <summary>Bytes of full tables in float32.</summary>
    public long FullBytes => FullValues * sizeof(float);

    private long FullValues => Categories.Sum(n => (long)n) * Size;

    /// <summary>So many bytes, of tables whose rows are in a precision, keep both bounds.</summary>
    internal long LargestBytes(Precision precision) => MaximumValues == FullValues
        ? MaximumBytes
        : (long)Math.Min(MaximumBytes, (decimal)MaximumValues * precision.Bits() / 8);

    /// <summary>Whether tables of these shapes keep it.</summary>
    public bool Holds(IReadOnlyList<FieldShape> shapes) =>
        shapes.Sum(shape => shape.Bytes) <= MaximumBytes && shapes.Sum(shape => shape.Values) <= MaximumValues;

    /// <summary>One bound for a search under one budget, one a point for a curve; none where collisions are asked for.</summary>
    /// <exception cref="BudgetException">See <see cref="CurveBudgets.Of"/>.</exception>
    public static IReadOnlyList<FieldBudget> AllOf(ClickSearchOptions options, IReadOnlyList<int> categories) => options switch
    {
        { Budgets: { } budgets } => CurveBudgets.Of(budgets, asked => From(asked, categories, options.Size)),
        { Budget: { } asked } => [From(asked, categories, options.Size)],
        _ => [],
    };

    /// <summary>Turns a request into the bound; one larger than the full tables is cut to these.</summary>
    /// <exception cref="BudgetException">The request makes no sense, or nothing can keep it.</exception>
    public static FieldBudget From(BudgetRequest asked, IReadOnlyList<int> categories, int size)
    {
        var full = new FieldBudget(asked, categories, size, long.MaxValue, long.MaxValue);
        var (values, bytes) = asked switch
        {
            { Sparsity: { } c, Parameters: null, Bytes: null } => (full.FullValues, BytesOf(c, full.FullBytes)),
            { Sparsity: null, Parameters: { } p, Bytes: null } => (p, Math.Min(p, full.FullValues) * sizeof(float)),
            { Sparsity: null, Parameters: null, Bytes: { } b } => (full.FullValues, b),
            _ => throw new BudgetException("budget", "give exactly one of sparsity, parameters and bytes"),
        };
        var budget = full with { MaximumValues = Math.Min(values, full.FullValues), MaximumBytes = Math.Min(bytes, full.FullBytes) };
        var least = FieldAllocation.Least(categories, size);
        long leastBytes = least.Sum(shape => shape.Bytes), leastValues = least.Sum(shape => shape.Values);
        return budget.Holds(least)
            ? budget
            : throw new BudgetException(
                $"budget.{(asked.Bytes is not null ? "bytes" : asked.Parameters is not null ? "parameters" : "sparsity")}",
                FormattableString.Invariant(
                    $"{asked.Bytes ?? asked.Parameters ?? (object?)asked.Sparsity} was given; {categories.Count} fields of {categories.Sum(n => (long)n)} categories need bytes of at least {leastBytes}, parameters of at least {Math.Max(leastValues, (leastBytes + 3) / sizeof(float))}, or a sparsity of at most {Math.Max(0, Math.Floor((1 - ((decimal)leastBytes / full.FullBytes)) * 1_000_000) / 1_000_000):0.######}"));
    }

    private static long BytesOf(double sparsity, long fullBytes) => sparsity is >= 0 and < 1
        ? (long)Math.Floor((1 - (decimal)sparsity) * fullBytes)
        : throw new BudgetException("budget.sparsity", $"{sparsity} was given; a sparsity is at least 0 and below 1, 0.9 keeps a tenth of the tables");
}
