using System.Text.Json.Serialization;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;

namespace Bet.Engine.Search;

/// <summary>What a client may ask for; exactly one is set.</summary>
/// <param name="Sparsity">The share c of the full float32 table's bytes that must go.</param>
/// <param name="Parameters">The most values that the table may keep, of whatever precision.</param>
/// <param name="Bytes">The most bytes that a server must hold to look up any row: values, scales and sizes.</param>
public sealed record BudgetRequest(double? Sparsity = null, long? Parameters = null, long? Bytes = null);

/// <summary>
/// A strict upper bound on a table of <paramref name="Users"/> + <paramref name="Items"/> rows of up to
/// <paramref name="MaximumSize"/> values.
/// </summary>
/// <param name="Asked">The request, as it was made.</param>
/// <param name="MinimumSize">The least size of a row, d_min; at 0 rare rows share vectors.</param>
/// <param name="MaximumValues">The most values that the table may keep; all of the full table where only bytes were asked for.</param>
/// <param name="MaximumBytes">The most bytes that the packed table may take: values, scales and index.</param>
public sealed record MemoryBudget(
    BudgetRequest Asked, int Users, int Items, int MinimumSize, int MaximumSize, long MaximumValues, long MaximumBytes)
    : IBudgetBound
{
    /// <summary>Bytes of the index that turns a row number into an offset; see <see cref="PackedLayout"/>.</summary>
    [JsonIgnore]
    public long IndexBytes => 2 * PackedLayout.IndexBytes(MaximumSize);

    /// <summary>Bytes of the full float32 table, N * d_max * 4.</summary>
    [JsonIgnore]
    public long FullBytes => ((long)Users + Items) * MaximumSize * sizeof(float);

    /// <summary>Whether it is the number of values that was asked for.</summary>
    [JsonIgnore]
    public bool IsOfValues => Asked.Parameters is not null;

    /// <summary>What sizes take of the budget: values where these were asked for, else bits.</summary>
    internal SizeCost CostOf(Precision precision) => IsOfValues
        ? SizeCost.Values
        : new SizeCost(precision.Bits(), precision.HasScales() ? 8 * RowQuantiser.ScaleBytes : 0);

    /// <summary>The least that a side takes of the budget: values where these were asked for, else bytes.</summary>
    internal long LeastOf(Precision precision, int rows)
    {
        var (values, stored) = SmallestSide(rows, MinimumSize);
        return IsOfValues ? values : PackedLayout.ValueBytes(precision, values, stored);
    }

    /// <summary>Whether the smallest rows of this precision on both sides stay within the budget.</summary>
    public bool CanHold(Precision precision)
    {
        var least = Least.Of(Users, Items, MinimumSize, IndexBytes, precision);
        return least.Values <= MaximumValues && least.Bytes <= MaximumBytes;
    }

    /// <summary>The most values of this precision that a table within the budget keeps, all of whose rows have some.</summary>
    public long ValuesIn(Precision precision)
    {
        long rows = (long)Users + Items;
        return Math.Min(MaximumValues, PackedLayout.ValuesWithin(precision, MaximumBytes - IndexBytes, rows));
    }

    /// <summary>For a person: what must be asked for in the place of this budget for a table of so many bytes and values.</summary>
    internal string NeedsOf(long bytes, long values) => bytes > FullBytes || values > FullBytes / sizeof(float)
        ? "is larger than the full one; leave it out"
        : FormattableString.Invariant(
            $"needs bytes of at least {bytes}, parameters of at least {Math.Max(values, (bytes - IndexBytes + 3) / sizeof(float))}, or a sparsity of at most {LargestSparsity(FullBytes, bytes):0.######}");

    /// <summary>
    /// Turns a request into the bound. A budget that no table can meet throws <see cref="BudgetException"/>, which
    /// names the smallest that can be met; one larger than the full table is cut to the full table.
    /// </summary>
    /// <param name="asked">The request.</param>
    /// <param name="users">Rows of the users' side.</param>
    /// <param name="items">Rows of the items' side.</param>
    /// <param name="minimumSize">d_min.</param>
    /// <param name="maximumSize">d_max.</param>
    /// <param name="precision">The only precision that the table may have; null for any.</param>
    public static MemoryBudget From(
        BudgetRequest asked, int users, int items, int minimumSize, int maximumSize, Precision? precision = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(users);
        ArgumentOutOfRangeException.ThrowIfNegative(items);
        long rows = (long)users + items;
        ArgumentOutOfRangeException.ThrowIfZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumSize);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimumSize, maximumSize);
        long values = rows * maximumSize;
        long index = 2 * PackedLayout.IndexBytes(maximumSize);
        long bytes = values * sizeof(float) + index;
        switch (asked)
        {
            case { Sparsity: { } c, Parameters: null, Bytes: null }:
                bytes = SparsityBytes(c, values, bytes);
                break;
            case { Sparsity: null, Parameters: { } p, Bytes: null }:
                values = Math.Min(values, p);
                bytes = values * sizeof(float) + index;
                break;
            case { Sparsity: null, Parameters: null, Bytes: { } b }:
                bytes = Math.Min(bytes, b);
                break;
            default:
                throw new BudgetException("budget", "give exactly one of sparsity, parameters and bytes");
        }

        var least = Least.Of(users, items, minimumSize, index, precision);
        if (values < least.Values || bytes < least.Bytes)
        {
            var smallest = Least.Of(users, items, 0, index, precision);
            bool sharingWouldDo = minimumSize > 0 && values >= smallest.Values && bytes >= smallest.Bytes;
            throw TooSmall(asked, rows, rows * maximumSize, least, minimumSize, sharingWouldDo);
        }

        return new MemoryBudget(asked, users, items, minimumSize, maximumSize, values, bytes);
    }

    private static long SparsityBytes(double sparsity, long values, long fullBytes)
    {
        if (!(sparsity >= 0 && sparsity < 1))
            throw new BudgetException("budget.sparsity", $"{sparsity} was given; a sparsity is at least 0 and below 1, 0.9 keeps a tenth of the table");
        // 0 means the full table itself, whose bytes leave no room for an index.
        // Decimal, because (1 - 0.9) of a multiple of ten must be a tenth of it.
        return sparsity == 0 ? fullBytes : (long)Math.Floor((1 - (decimal)sparsity) * values * sizeof(float));
    }

    /// <summary>Values and stored vectors of a side whose rows are all at d_min; at 0, of one value for every bucket.</summary>
    private static (long Values, int Stored) SmallestSide(int rows, int minimumSize)
    {
        int stored = minimumSize > 0 ? rows : Math.Min(SideSizes.MostSharedRows, rows);
        return ((long)stored * Math.Max(1, minimumSize), stored);
    }

    private static BudgetException TooSmall(
        BudgetRequest asked, long rows, long full, Least least, int minimumSize, bool sharingWouldDo)
    {
        decimal fullBytes = (decimal)full * sizeof(float);
        string field = asked.Bytes is not null ? "bytes" : asked.Parameters is not null ? "parameters" : "sparsity";
        object? given = asked.Bytes ?? asked.Parameters ?? (object?)asked.Sparsity;
        return new BudgetException(
            $"budget.{field}",
            $"{given} was given; {(sharingWouldDo ? "minimumSize 0 would do, where rare rows share vectors; " : "")}" +
            $"{rows} rows of at least {minimumSize} value(s) of {least.Precision.Name()} need bytes of at least " +
            $"{least.Bytes}, parameters of at least {least.Values}, or a sparsity of at most {LargestSparsity(fullBytes, least.Bytes):0.######}");
    }

    private static decimal LargestSparsity(decimal fullBytes, long bytes) =>
        Math.Max(0, Math.Floor((fullBytes - bytes) * 1_000_000 / fullBytes) / 1_000_000);

    /// <summary>The smallest table: every row at d_min, in the precision that takes least.</summary>
    private readonly record struct Least(Precision Precision, long Values, long Bytes)
    {
        public static Least Of(int users, int items, int minimumSize, long index, Precision? precision)
        {
            var (ofUsers, ofItems) = (SmallestSide(users, minimumSize), SmallestSide(items, minimumSize));
            return Precisions.All.Where(each => precision is null || each == precision).Select(each => new Least(
                each, ofUsers.Values + ofItems.Values,
                PackedLayout.ValueBytes(each, ofUsers.Values, ofUsers.Stored) + PackedLayout.ValueBytes(each, ofItems.Values, ofItems.Stored) + index))
                .MinBy(least => least.Bytes);
        }
    }
}

/// <summary>A budget that cannot be met. <see cref="Field"/> is the request's field, the message says what would do.</summary>
public sealed class BudgetException(string field, string message) : Exception(message)
{
    public string Field { get; } = field;
}
