using Bet.Engine.Compute;

namespace Bet.Engine.Fields;

/// <summary>
/// A method whose first table has a number of rows, of which the others' follow. Under a budget the first tables of all fields
/// have about the same share of their fields' categories, found by bisection; what is left over goes to the largest field.
/// </summary>
/// <param name="name">See <see cref="FieldMethod"/>.</param>
/// <param name="title">See <see cref="FieldMethod"/>.</param>
/// <param name="precision">Of the stored rows.</param>
public abstract class CellFields(string name, string title, Precision precision) : FieldMethod(name, title, precision)
{
    /// <summary>Shares of a field's categories are whole numbers of this part.</summary>
    private const int ShareBits = 32;

    /// <summary>The shape with so many cells in the first partition.</summary>
    private protected FieldShape Of(int categories, int size, int cells) =>
        Compose(categories, size, cells) with { Precision = Precision };

    /// <summary>The shape in float32 with so many cells, fewer than categories, in the first partition.</summary>
    private protected abstract FieldShape Compose(int categories, int size, int cells);

    /// <summary>About where bytes are least: fewer cells than this are never wanted.</summary>
    private protected abstract int FewestCells(int categories, int size);

    private protected override FieldShape Collided(int categories, int size, int collisions) =>
        OfOrFull(categories, size, Partitions.CeilingOf(categories, collisions));

    private protected override FieldShape Least(int categories, int size)
    {
        int near = FewestCells(categories, size);
        return Enumerable.Range(near - 2, 5).Select(cells => OfOrFull(categories, size, Math.Max(1, cells)))
            .MinBy(shape => shape.Bytes)!;
    }

    private protected override FieldShape[] Fit(
        IReadOnlyList<int> categories, IReadOnlyList<int[]>? frequencies, int size, long bytes, int threshold)
    {
        FieldShape[] least = [.. categories.Select(n => LeastAbove(threshold, n, size))];
        FieldShape[] shapes = Bisect(0, 1L << ShareBits, bytes, At);
        foreach (int field in Enumerable.Range(0, categories.Count).OrderByDescending(j => categories[j]))
        {
            int n = categories[field];
            long left = bytes - BytesOf(shapes) + shapes[field].Bytes;
            if (shapes[field].Bytes < left && n > CellsOf(shapes[field]))
                shapes[field] = Bisect(CellsOf(shapes[field]), n, left, cells => [Grown(least[field], cells)])[0];
        }

        return shapes;

        FieldShape[] At(long share) => [.. least.Select(shape =>
            Grown(shape, (long)((((UInt128)shape.Categories * (UInt128)share) + (1UL << ShareBits) - 1) >> ShareBits)))];
    }

    /// <summary>A shape with so many cells, and no fewer than the least has.</summary>
    private FieldShape Grown(FieldShape least, long cells) =>
        cells <= CellsOf(least) ? least : OfOrFull(least.Categories, least.Size, cells);

    /// <summary>A shape with so many cells; full where that takes no more.</summary>
    private FieldShape OfOrFull(int categories, int size, long cells) => cells < categories
        ? Smaller(Of(categories, size, (int)cells))
        : FullShape(categories, size);

    private static int CellsOf(FieldShape shape) => (int)shape.Partitions[0].Cells;

    /// <summary>
    /// Shapes within a number of bytes next to which there are some beyond it, of numbers between one that is within and one that
    /// may be.
    /// </summary>
    private static FieldShape[] Bisect(long within, long beyond, long bytes, Func<long, FieldShape[]> at)
    {
        FieldShape[] found = at(beyond);
        if (BytesOf(found) <= bytes)
            return found;
        found = at(within);
        while (beyond - within > 1)
        {
            long middle = within + ((beyond - within) / 2);
            FieldShape[] shapes = at(middle);
            if (BytesOf(shapes) <= bytes)
                (within, found) = (middle, shapes);
            else
                beyond = middle;
        }

        return found;
    }
}

/// <summary>The hashing trick: categories that are equal modulo the number of rows have the same row.</summary>
public sealed class HashedFields(Precision precision = Precision.Float32) : CellFields("hashing", "hashed rows", precision)
{
    public override FieldMethod In(Precision precision) => new HashedFields(precision);

    private protected override FieldShape Compose(int categories, int size, int cells) =>
        new(categories, size, Partitions.Remainder(categories, cells));

    private protected override int FewestCells(int categories, int size) => 1;
}

/// <summary>
/// The quotient-remainder trick, of two digits, and its generalisation to more. The first digit is the remainder, so the most
/// frequent categories differ in it.
/// </summary>
public sealed class DigitFields(FieldOperation operation, int digits = 2, Precision precision = Precision.Float32)
    : CellFields(NameOf(operation, digits), $"{(digits == 2 ? "quotient and remainder" : $"{digits} digits")}, {operation.ToString().ToLowerInvariant()}", precision)
{
    public override int LeastSize => operation == FieldOperation.Concatenate ? digits : 1;

    public override FieldMethod In(Precision precision) => new DigitFields(operation, digits, precision);

    private protected override FieldShape Compose(int categories, int size, int cells) =>
        Apart(new(categories, size, Partitions.MixedRadix(categories, cells, digits), operation));

    private protected override int FewestCells(int categories, int size) => (int)Partitions.CeilingRoot(categories, digits);

    internal static FieldShape Apart(FieldShape shape) => shape.TellsAllApart()
        ? shape
        : throw new InvalidOperationException($"{string.Join(", ", shape.Partitions)} do not tell {shape.Categories} categories apart");

    private static string NameOf(FieldOperation operation, int digits) => operation switch
    {
        FieldOperation.Features when digits == 2 => "features",
        FieldOperation.Path => throw new ArgumentException("a path is a method of its own"),
        _ => $"{(digits == 2 ? "quotient-remainder" : "k-way")}-{operation.ToString().ToLowerInvariant()}",
    };
}

/// <summary>Remainders by numbers without a common divisor.</summary>
public sealed class ChineseRemainderFields(FieldOperation operation, int numbers = 2, Precision precision = Precision.Float32)
    : CellFields($"chinese-remainder-{operation.ToString().ToLowerInvariant()}", $"{numbers} coprime remainders, {operation.ToString().ToLowerInvariant()}", precision)
{
    public override int LeastSize => operation == FieldOperation.Concatenate ? numbers : 1;

    public override FieldMethod In(Precision precision) => new ChineseRemainderFields(operation, numbers, precision);

    private protected override FieldShape Compose(int categories, int size, int cells) =>
        DigitFields.Apart(new(categories, size, Partitions.ChineseRemainder(categories, cells, numbers), operation));

    private protected override int FewestCells(int categories, int size) => (int)Partitions.CeilingRoot(categories, numbers);
}

/// <summary>Rows by remainder, each going through the layers that its quotient owns.</summary>
/// <param name="hidden">h of the layers; null for 64, and under a budget for as many, halved until it holds them.</param>
/// <param name="precision">Of the rows; layers are float32.</param>
public sealed class PathFields(int? hidden = null, Precision precision = Precision.Float32)
    : CellFields("path", "path", precision)
{
    private const int MostHidden = 64;

    public override FieldMethod In(Precision precision) => new PathFields(hidden, precision);

    private protected override FieldShape Compose(int categories, int size, int cells) => DigitFields.Apart(new(
        categories, size, Partitions.QuotientRemainder(categories, cells), FieldOperation.Path, hidden: hidden ?? MostHidden));

    /// <summary>A m + B n / m, of m rows and n / m layers, is least at the root of n B / A.</summary>
    private protected override int FewestCells(int categories, int size)
    {
        var parts = Of(categories, size, 1).Parts;
        double root = Math.Sqrt((double)categories * parts[1].Bytes / parts[1].Rows / parts[0].Bytes);
        return (int)Math.Clamp(root, 1, categories);
    }

    private protected override FieldShape Least(int categories, int size) =>
        hidden is null ? new PathFields(1, Precision).Least(categories, size) : base.Least(categories, size);

    private protected override FieldShape[] Fit(
        IReadOnlyList<int> categories, IReadOnlyList<int[]>? frequencies, int size, long bytes, int threshold)
    {
        if (hidden is not null)
            return base.Fit(categories, frequencies, size, bytes, threshold);
        int width = MostHidden;
        while (width > 1 && new PathFields(width, Precision).LeastBytes(categories, size, threshold) > bytes)
            width /= 2;
        return new PathFields(width, Precision).Fit(categories, frequencies, size, bytes, threshold);
    }
}
