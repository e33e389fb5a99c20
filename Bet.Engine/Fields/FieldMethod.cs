using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Engine.Fields;

/// <summary>
/// A way to store the embeddings of categorical fields, by name: of a number of collisions or of a number of bytes it makes
/// <see cref="FieldShape"/>s. See <see cref="FieldMethods"/>.
/// </summary>
/// <param name="name">As requests and files name it, where rows are float32.</param>
/// <param name="title">As a report names it, where rows are float32.</param>
/// <param name="precision">Of the stored rows.</param>
public abstract class FieldMethod(string name, string title, Precision precision)
{
    /// <summary>Fields with no more categories have full tables.</summary>
    public const int DefaultThreshold = 200;

    /// <summary>As requests and files name it: "hashing", "hashing-int8".</summary>
    public string Name { get; } = NameOf(name, precision);

    /// <summary>As a report names it.</summary>
    public string Title { get; } = precision == Precision.Float32 ? title : $"{title} in {precision.Name()}";

    /// <summary>Of the stored rows; projections and the layers of paths are float32.</summary>
    public Precision Precision { get; } = precision;

    /// <summary>The least d that it can do with.</summary>
    public virtual int LeastSize => 1;

    /// <summary>The same with rows in another precision.</summary>
    public abstract FieldMethod In(Precision precision);

    /// <summary>
    /// One field's shape, as users of DLRM ask for it; full where the field has no more categories than the threshold, or where
    /// the method would take no less.
    /// </summary>
    /// <param name="categories">n.</param>
    /// <param name="size">d.</param>
    /// <param name="collisions">About how many times the first table is smaller than the full one, at least 1.</param>
    /// <param name="threshold">Categories.</param>
    public FieldShape Shape(int categories, int size, int collisions, int threshold = DefaultThreshold)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(collisions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, LeastSize);
        return categories <= threshold
            ? FullShape(categories, size)
            : Smaller(Collided(categories, size, collisions));
    }

    /// <summary>The shapes of all fields, by this method, that spend most of so many bytes for all of them together.</summary>
    /// <param name="categories">n of each field.</param>
    /// <param name="frequencies">Samples of each category of each field; null where they are not known.</param>
    /// <param name="size">d.</param>
    /// <param name="bytes">The shapes' <see cref="FieldShape.Bytes"/> together are never above it.</param>
    /// <param name="threshold">Fields with no more categories stay full.</param>
    /// <exception cref="BudgetException">No shapes of this method do; the message says how many bytes would.</exception>
    public IReadOnlyList<FieldShape> Largest(
        IReadOnlyList<int> categories, IReadOnlyList<int[]>? frequencies, int size, long bytes, int threshold = DefaultThreshold)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, LeastSize);
        if (frequencies is not null && !frequencies.Select(field => field.Length).SequenceEqual(categories))
            throw new ArgumentException($"{Name}: frequencies of {string.Join(", ", frequencies.Select(field => field.Length))} categories are not those of {string.Join(", ", categories)}");
        long least = LeastBytes(categories, size, threshold);
        if (least > bytes)
        {
            long lower = threshold > 0 ? LeastBytes(categories, size, 0) : least;
            string sharing = lower >= least ? ""
                : lower > bytes ? $", or {lower} with small fields compressed too (threshold 0)"
                : "; a threshold of 0, where small fields are compressed too, would do";
            throw new BudgetException("budget.bytes", $"{bytes} was given; {categories.Count} fields of {categories.Sum(n => (long)n)} categories by {Name} need at least {least}{sharing}");
        }

        var shapes = Fit(categories, frequencies, size, bytes, threshold);
        return BytesOf(shapes) <= bytes ? shapes : throw new InvalidOperationException($"{Name} takes {BytesOf(shapes)} of {bytes} bytes");
    }

    /// <summary>
    /// As <see cref="Largest"/>; where full tables of small fields alone would take too much these are made smaller as well.
    /// </summary>
    public IReadOnlyList<FieldShape> LargestOfAll(
        IReadOnlyList<int> categories, IReadOnlyList<int[]>? frequencies, int size, long bytes, int threshold = DefaultThreshold) =>
        Largest(categories, frequencies, size, bytes, LeastBytes(categories, size, threshold) <= bytes ? threshold : 0);

    /// <summary>The fewest bytes that <see cref="Largest"/> can do with.</summary>
    public long LeastBytes(IReadOnlyList<int> categories, int size, int threshold = DefaultThreshold) =>
        categories.Sum(n => LeastAbove(threshold, n, size).Bytes);

    /// <summary>The shape of a field above the threshold.</summary>
    private protected abstract FieldShape Collided(int categories, int size, int collisions);

    /// <summary>The shape of fewest bytes of a field above the threshold.</summary>
    private protected abstract FieldShape Least(int categories, int size);

    /// <summary>The largest shapes within a number of bytes that the least ones meet.</summary>
    private protected abstract FieldShape[] Fit(
        IReadOnlyList<int> categories, IReadOnlyList<int[]>? frequencies, int size, long bytes, int threshold);

    /// <summary>The full shape where that takes no more.</summary>
    private protected FieldShape Smaller(FieldShape shape)
    {
        var full = FullShape(shape.Categories, shape.Size);
        return shape.Bytes < full.Bytes ? shape : full;
    }

    private protected FieldShape FullShape(int categories, int size) => FieldShape.Full(categories, size, Precision);

    /// <summary>A method's name, from that in float32.</summary>
    internal static string NameOf(string name, Precision precision) =>
        precision == Precision.Float32 ? name : $"{name}-{precision.Name()}";

    private protected static long BytesOf(IEnumerable<FieldShape> shapes) => shapes.Sum(shape => shape.Bytes);

    private protected FieldShape LeastAbove(int threshold, int categories, int size) =>
        categories <= threshold ? FullShape(categories, size) : Smaller(Least(categories, size));
}

/// <summary>
/// The methods by name: those of <see cref="All"/>, whose rows are float32, and each of them in another precision, as in
/// "hashing-int8".
/// </summary>
public static class FieldMethods
{
    /// <summary>The methods in float32. A new one is a line here.</summary>
    public static IReadOnlyList<FieldMethod> All { get; } =
    [
        new FullFields(),
        new HashedFields(),
        new DigitFields(FieldOperation.Add),
        new DigitFields(FieldOperation.Multiply),
        new DigitFields(FieldOperation.Concatenate),
        new DigitFields(FieldOperation.Multiply, digits: 3),
        new ChineseRemainderFields(FieldOperation.Multiply),
        new PathFields(),
        new DigitFields(FieldOperation.Features),
        new MixedDimensions(),
    ];

    /// <summary>What names there are, for a message.</summary>
    public static string Known =>
        $"{string.Join(", ", All.Select(method => method.Name))}, each also with rows in {string.Join(", ", Precisions.All.Skip(1).Select(precision => precision.Name()))}, as {FieldMethod.NameOf("hashing", Precision.Int8)} for example";

    /// <summary>Null where there is none of that name.</summary>
    public static FieldMethod? Find(string name) => All.SelectMany(method => Precisions.All, (method, precision) => (method, precision))
        .Where(known => FieldMethod.NameOf(known.method.Name, known.precision) == name)
        .Select(known => known.method.In(known.precision))
        .FirstOrDefault();
}
