using Bet.Engine.Artifacts;
using Bet.Engine.Compute;

namespace Bet.Engine.Fields;

/// <summary>How the rows that a category has by several partitions become what a model is given.</summary>
public enum FieldOperation
{
    /// <summary>Their sum.</summary>
    Add,

    /// <summary>Their product, value by value.</summary>
    Multiply,

    /// <summary>Their values side by side, together those of one feature.</summary>
    Concatenate,

    /// <summary>Every row is a feature of its own.</summary>
    Features,

    /// <summary>
    /// The first partition's row goes through the layers that the cells of the next partitions own, one after the other:
    /// x becomes W' relu(V x + a) + b. A row of such a table holds V [h, w], a [h], W [h, w], b [w], one after the other.
    /// </summary>
    Path,
}

/// <summary>A matrix that a field's features are made of.</summary>
/// <param name="Name">Of its tensor, after the field's.</param>
public sealed record FieldPart(string Name, int Rows, int Columns, Precision Precision)
{
    public long Values => (long)Rows * Columns;

    /// <summary>Codes and, where the precision has them, scales.</summary>
    public long Bytes => PackedLayout.ValueBytes(Precision, Values, Rows);
}

/// <summary>
/// How a field's embeddings are stored, before there are any values: what decides their bytes. Categories count from 0, the
/// most frequent first. The first <see cref="Head"/> of them have rows of their own; category x of the others has, by partition
/// j, row (x - Head) div divisor mod cells of table j, and <see cref="Operation"/> makes features of these rows. Equal by value.
/// </summary>
public sealed record FieldShape
{
    /// <summary>Of a table: its bits are counted in 64 bits.</summary>
    private const long MostValues = 1L << 50;

    /// <param name="categories">n, at least 1.</param>
    /// <param name="size">d.</param>
    /// <param name="partitions">Of the categories after the head, at least one.</param>
    /// <param name="operation">Says nothing where there is one partition.</param>
    /// <param name="head">Below n; 0 for a path.</param>
    /// <param name="width">w; null for d.</param>
    /// <param name="hidden">h, for a path alone.</param>
    /// <exception cref="ArgumentException">They contradict each other, or a table has more rows than int32 can number.</exception>
    public FieldShape(
        int categories, int size, IReadOnlyList<Partition> partitions, FieldOperation operation = FieldOperation.Add,
        int head = 0, int? width = null, int hidden = 0)
    {
        (Categories, Size, Partitions, Operation, Head, Width, Hidden) = (categories, size, [.. partitions], operation, head, width ?? size, hidden);
        bool isPath = operation == FieldOperation.Path;
        int leastWidth = operation == FieldOperation.Concatenate ? Partitions.Count : 1;
        Check(categories >= 1 && head >= 0 && head < categories, "a head is at least 0 and leaves a category");
        Check(Width >= leastWidth && Width <= size, $"a width is at least {leastWidth} and at most the size");
        Check(Partitions.Count > 0 && Partitions.All(partition => partition is { Divisor: >= 1, Cells: >= 1 }), "partitions have a divisor and cells");
        Check(Partitions.All(partition => partition.Cells <= int.MaxValue - head), "a table has no more rows than int32 can number");
        Check(isPath ? hidden is >= 1 and <= 1 << 14 && head == 0 : hidden == 0, "hidden values belong to a path, which has no head");
        Check((2L * hidden * Width) + hidden + Width <= int.MaxValue, "a row has no more values than int32 can number");
        Parts = ListParts();
        Check(Parts.All(part => part.Values <= MostValues), "a table is too large to be counted");
    }

    /// <summary>n.</summary>
    public int Categories { get; }

    /// <summary>d, values of a feature.</summary>
    public int Size { get; }

    /// <summary>Of the categories after the head.</summary>
    public IReadOnlyList<Partition> Partitions { get; }

    public FieldOperation Operation { get; }

    /// <summary>Categories, from 0 on, that have rows of their own.</summary>
    public int Head { get; }

    /// <summary>w, values of what the operation makes; where it is below d a projection [w, d] makes d of them.</summary>
    public int Width { get; }

    /// <summary>h.</summary>
    public int Hidden { get; }

    /// <summary>Of the stored rows; the projection and the layers of a path are float32.</summary>
    public Precision Precision
    {
        get;
        init
        {
            field = value;
            Parts = ListParts();
        }
    }

    /// <summary>Features that the model is given.</summary>
    public int FeatureCount => Operation == FieldOperation.Features ? Partitions.Count : 1;

    /// <summary>Whether a projection makes d values of w.</summary>
    public bool HasProjection => Width < Size;

    /// <summary>The tables, one for each partition, then the projection where there is one.</summary>
    public IReadOnlyList<FieldPart> Parts { get; private set; }

    /// <summary>The tables alone.</summary>
    public IEnumerable<FieldPart> Tables => Parts.Take(Partitions.Count);

    /// <summary>Numbers that are stored, scales not among them.</summary>
    public long Values => Parts.Sum(part => part.Values);

    /// <summary>Bytes that a server must hold: values, scales and projection.</summary>
    public long Bytes => Parts.Sum(part => part.Bytes);

    /// <summary>Whether every two categories differ in some row. See <see cref="Partitions.AreComplementary"/>.</summary>
    public bool TellsAllApart() => Fields.Partitions.AreComplementary(Partitions, Categories - Head);

    /// <summary>A row for each category.</summary>
    public static FieldShape Full(int categories, int size, Precision precision = Precision.Float32, int? width = null) =>
        new(categories, size, Fields.Partitions.Full(categories), width: width) { Precision = precision };

    /// <summary>How the row of a partition joins those before it; by Set it has columns of its own.</summary>
    public RowOperation JoinOf(int partition) => partition == 0 ? RowOperation.Set : Operation switch
    {
        FieldOperation.Add => RowOperation.Add,
        FieldOperation.Multiply => RowOperation.Multiply,
        _ => RowOperation.Set,
    };

    /// <summary>The row of a partition's table that a category reads; -1 where it reads none, as those of the head mostly do.</summary>
    public int RowOf(int partition, int category)
    {
        bool isSet = JoinOf(partition) == RowOperation.Set;
        return category < Head
            ? isSet ? category : -1
            : (int)((isSet ? Head : 0) + Partitions[partition].CellOf(category - Head));
    }

    public bool Equals(FieldShape? other) =>
        other is not null && (Categories, Size, Operation, Head, Width, Hidden, Precision)
            == (other.Categories, other.Size, other.Operation, other.Head, other.Width, other.Hidden, other.Precision)
        && Partitions.SequenceEqual(other.Partitions);

    public override int GetHashCode() => HashCode.Combine(
        Categories, Size, Operation, Head, Width, Hidden, Precision, Partitions.Aggregate(0, HashCode.Combine));

    private FieldPart[] ListParts()
    {
        var parts = Partitions.Select((partition, j) => new FieldPart(
            $"table{j}", (int)partition.Cells + (JoinOf(j) == RowOperation.Set ? Head : 0), ColumnsOf(j),
            IsLayers(j) ? Precision.Float32 : Precision));
        return HasProjection ? [.. parts, new FieldPart("projection", Width, Size, Precision.Float32)] : [.. parts];
    }

    /// <summary>Where rows lie side by side, the first ones have what cannot be divided.</summary>
    private int ColumnsOf(int partition) => Operation switch
    {
        FieldOperation.Concatenate => (Width / Partitions.Count) + (partition < Width % Partitions.Count ? 1 : 0),
        FieldOperation.Path when IsLayers(partition) => (2 * Hidden * Width) + Hidden + Width,
        _ => Width,
    };

    /// <summary>Whether a partition's rows are layers of a path.</summary>
    private bool IsLayers(int partition) => Operation == FieldOperation.Path && partition > 0;

    private void Check(bool holds, string reason)
    {
        if (!holds)
            throw new ArgumentException($"{Categories} categories, head {Head}, partitions {string.Join(", ", Partitions)}, {Operation}, width {Width} of {Size}, {Hidden} hidden: {reason}");
    }
}
