using System.Text.Json.Serialization;
using Bet.Engine.Artifacts;

namespace Bet.Engine.Search;

/// <summary>What a client may ask for; exactly one is set.</summary>
/// <param name="Sparsity">The share c of the full table that must go: at most (1 - c) of its values, and of its bytes.</param>
/// <param name="Parameters">The most values that the table may keep.</param>
/// <param name="Bytes">The most bytes that a server must hold to look up any row: values and sizes.</param>
public sealed record BudgetRequest(double? Sparsity = null, long? Parameters = null, long? Bytes = null);

/// <summary>
/// A strict upper bound on a table of <paramref name="Users"/> + <paramref name="Items"/> rows of up to
/// <paramref name="MaximumSize"/> float32 values: never more than <paramref name="MaximumValues"/> values.
/// </summary>
/// <param name="Asked">The request, as it was made.</param>
/// <param name="MinimumSize">The least size of a row, d_min.</param>
/// <param name="MaximumValues">The values that the table may keep, and spends exactly.</param>
/// <param name="MaximumBytes">Values and index: what the packed table may take.</param>
public sealed record MemoryBudget(
    BudgetRequest Asked, int Users, int Items, int MinimumSize, int MaximumSize, long MaximumValues, long MaximumBytes)
{
    /// <summary>Bytes of the index that turns a row number into an offset; see <see cref="PackedLayout"/>.</summary>
    [JsonIgnore]
    public long IndexBytes => 2 * PackedLayout.IndexBytes(MaximumSize);

    /// <summary>Bytes of the full float32 table, N * d_max * 4.</summary>
    [JsonIgnore]
    public long FullBytes => ((long)Users + Items) * MaximumSize * sizeof(float);

    /// <summary>
    /// Turns a request into the bound. A budget that no table can meet throws <see cref="BudgetException"/>, which
    /// names the smallest that can be met; one larger than the full table is cut to the full table.
    /// </summary>
    public static MemoryBudget From(BudgetRequest asked, int users, int items, int minimumSize, int maximumSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(users);
        ArgumentOutOfRangeException.ThrowIfNegative(items);
        long rows = (long)users + items;
        ArgumentOutOfRangeException.ThrowIfZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumSize);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimumSize, maximumSize);
        long full = rows * maximumSize;
        long index = 2 * PackedLayout.IndexBytes(maximumSize);
        long least = rows * minimumSize;
        long values = asked switch
        {
            { Sparsity: { } c, Parameters: null, Bytes: null } => SparsityValues(c, full, index),
            { Sparsity: null, Parameters: { } p, Bytes: null } => p,
            { Sparsity: null, Parameters: null, Bytes: { } b } => ValuesWithin(b, index),
            _ => throw new BudgetException("budget", "give exactly one of sparsity, parameters and bytes"),
        };
        if (values < least)
            throw TooSmall(asked, rows, full, index, least, minimumSize);
        values = Math.Min(values, full);
        return new MemoryBudget(asked, users, items, minimumSize, maximumSize, values, values * sizeof(float) + index);
    }

    private static long SparsityValues(double sparsity, long full, long index)
    {
        if (!(sparsity >= 0 && sparsity < 1))
            throw new BudgetException("budget.sparsity", $"{sparsity} was given; a sparsity is at least 0 and below 1, 0.9 keeps a tenth of the table");
        // 0 means the full table itself, whose bytes leave no room for an index.
        if (sparsity == 0)
            return full;
        // Decimal, because (1 - 0.9) of a multiple of ten must be a tenth of it.
        return ValuesWithin((long)Math.Floor((1 - (decimal)sparsity) * full * sizeof(float)), index);
    }

    /// <summary>Values that fit beside the index; -1, which no table can meet, where the index itself does not fit.</summary>
    private static long ValuesWithin(long bytes, long index) => bytes < index ? -1 : (bytes - index) / sizeof(float);

    private static BudgetException TooSmall(BudgetRequest asked, long rows, long full, long index, long least, int minimumSize)
    {
        long leastBytes = least * sizeof(float) + index;
        decimal fullBytes = (decimal)full * sizeof(float);
        decimal largestSparsity = Math.Max(0, Math.Floor((fullBytes - leastBytes) * 1_000_000 / fullBytes) / 1_000_000);
        string field = asked.Bytes is not null ? "bytes" : asked.Parameters is not null ? "parameters" : "sparsity";
        object? given = asked.Bytes ?? asked.Parameters ?? (object?)asked.Sparsity;
        return new BudgetException(
            $"budget.{field}",
            $"{given} was given; {rows} rows of at least {minimumSize} value(s) need bytes of at least {leastBytes}, " +
            $"parameters of at least {least}, or a sparsity of at most {largestSparsity:0.######}");
    }
}

/// <summary>A budget that cannot be met. <see cref="Field"/> is the request's field, the message says what would do.</summary>
public sealed class BudgetException(string field, string message) : Exception(message)
{
    public string Field { get; } = field;
}
