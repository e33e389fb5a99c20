using Bet.Engine.Artifacts;
using Bet.Engine.Fields;

namespace Bet.Engine.Embeddings;

/// <summary>
/// A family of complementary partitions of which one has a number of cells to choose, and the others as few as it leaves them.
/// As entities are ranks here, and that partition is r mod cells, the most frequent ones have rows of their own in its table.
/// </summary>
/// <param name="family">Its name, before that of the operation.</param>
/// <param name="tables">Partitions.</param>
/// <param name="chosen">The table whose number of rows is chosen.</param>
/// <param name="operation">How an entity's rows become one.</param>
public abstract class PartitionCompressor(string family, int tables, string chosen, FieldOperation operation) : Compressor
{
    public sealed override string Name { get; } = $"{family}-{operation.ToString().ToLowerInvariant()}";

    public sealed override int LeastMaximumSize => operation == FieldOperation.Concatenate ? tables : 1;

    /// <summary>Values fall with the cells, then rise: least near the root of the rows, where all tables are alike.</summary>
    public sealed override SideShape Least(int rows, int maximumSize) => LeastOf(rows, maximumSize).Shape;

    /// <summary>As many cells as fit beside those that they leave to the others.</summary>
    public sealed override SideShape Largest(int rows, int maximumSize, long bytes, long values)
    {
        long most = Math.Min(bytes / sizeof(float), values);
        var (low, found) = LeastOf(rows, maximumSize);
        int high = Math.Max(low, rows);
        while (low < high)
        {
            int middle = high - ((high - low) / 2);
            if (Fitting(middle) is { } shape)
                (low, found) = (middle, shape);
            else
                high = middle - 1;
        }

        for (int cells = low + 1; cells <= Math.Min(rows, low + Ripple); cells++)
            found = Fitting(cells) ?? found;
        return found;

        PartitionedShape? Fitting(int cells) => Of(rows, maximumSize, cells) is var shape && shape.Values <= most ? shape : null;
    }

    public sealed override PackedSide Read(SideSource source) =>
        PackedParts.Read(source, Of(source.Rows, source.MaximumSize, Math.Max(1, source.ShapeOf(chosen).Rows)));

    /// <summary>The partitions, in the order that their rows are joined in.</summary>
    /// <param name="rows">Entities, at least 1.</param>
    /// <param name="cells">Of the chosen partition, at least 1.</param>
    private protected abstract IReadOnlyList<NamedPartition> Cut(int rows, int cells);

    /// <summary>How far behind a number of cells that does not fit others may lie that do.</summary>
    private protected virtual int Ripple => 0;

    private protected static IReadOnlyList<NamedPartition> Number(IReadOnlyList<Partition> partitions) =>
        [.. partitions.Select((partition, j) => new NamedPartition($"table{j}", partition))];

    private (int Cells, PartitionedShape Shape) LeastOf(int rows, int maximumSize)
    {
        int root = (int)Partitions.CeilingRoot(Math.Max(1L, rows) + 1, tables) - 1;
        return Enumerable.Range(Math.Max(1, root - 2), 5).Select(cells => (cells, Of(rows, maximumSize, cells)))
            .MinBy(pair => pair.Item2.Values);
    }

    private PartitionedShape Of(int rows, int maximumSize, int cells) =>
        new(Name, rows, maximumSize, Cut(Math.Max(1, rows), cells), operation);
}

/// <summary>
/// The quotient-remainder trick: entity r has row r div m of <c>quotients</c> and row r mod m of <c>remainders</c>, which has m
/// rows.
/// </summary>
public sealed class QuotientRemainder(FieldOperation operation)
    : PartitionCompressor("quotient-remainder", 2, Remainders, operation)
{
    private const string Remainders = "remainders";

    private readonly FieldOperation operation = operation;

    public override string Title => operation switch
    {
        FieldOperation.Add => "quotient + remainder",
        FieldOperation.Multiply => "quotient x remainder",
        _ => "quotient beside remainder",
    };

    private protected override IReadOnlyList<NamedPartition> Cut(int rows, int cells)
    {
        var digits = Partitions.QuotientRemainder(rows, cells);
        return [new("quotients", digits[1]), new(Remainders, digits[0])];
    }
}

/// <summary>
/// Its generalisation, the product of three rows: those of <c>table0</c>, <c>table1</c> and <c>table2</c> by the digits of r, the
/// lowest first, where a digit of table j counts to its number of rows.
/// </summary>
public sealed class ThreeDigits() : PartitionCompressor("k-way", 3, "table0", FieldOperation.Multiply)
{
    public override string Title => "product of three digits";

    private protected override IReadOnlyList<NamedPartition> Cut(int rows, int cells) =>
        Number(Partitions.MixedRadix(rows, cells, 3));
}

/// <summary>
/// The product of row r mod m of <c>table0</c>, of m rows, and row r mod k of <c>table1</c>, of k: the least k without a divisor in
/// common with m that tells all apart.
/// </summary>
public sealed class ChineseRemainder() : PartitionCompressor("chinese-remainder", 2, "table0", FieldOperation.Multiply)
{
    public override string Title => "product of coprime remainders";

    /// <summary>A number of many small divisors leaves a larger k than those after it. For up to 400 entities 8 miss nothing.</summary>
    private protected override int Ripple => 8;

    private protected override IReadOnlyList<NamedPartition> Cut(int rows, int cells) =>
        Number(Partitions.ChineseRemainder(rows, cells, 2));
}
