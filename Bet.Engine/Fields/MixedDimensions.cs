using Bet.Engine.Compute;

namespace Bet.Engine.Fields;

/// <summary>
/// Mixed dimensions (Ginart, Naumov, Mudigere, Yang and Zou, ISIT 2021): a full table of w values a row in each field, and a
/// projection to d. Widths fall with the popularity p of a field's categories, w = d (p / P)^alpha, p the samples of the field
/// divided by its categories, P that of a field with as many categories as the threshold; one alpha for all fields, as small
/// as the budget lets it be. Widths are whole numbers: what rounding leaves over goes to fields that lost most by it.
/// </summary>
public sealed class MixedDimensions(Precision precision = Precision.Float32)
    : FieldMethod("mixed-dimensions", "mixed dimensions", precision)
{
    private const int Steps = 60;

    public override FieldMethod In(Precision precision) => new MixedDimensions(precision);

    private protected override FieldShape Collided(int categories, int size, int collisions) =>
        Of(categories, size, (int)Partitions.CeilingOf(size, collisions));

    private protected override FieldShape Least(int categories, int size) => Of(categories, size, 1);

    private protected override FieldShape[] Fit(
        IReadOnlyList<int> categories, IReadOnlyList<int[]>? frequencies, int size, long bytes, int threshold)
    {
        double[] popularity = Popularity(categories, frequencies, threshold);
        double low = 0, high = 1;
        while (BytesOf(Shapes(high)) > bytes && high < 1 << 20)
            high *= 2;
        if (BytesOf(Shapes(low)) <= bytes)
            return Shapes(low);
        for (int step = 0; step < Steps; step++)
        {
            double middle = (low + high) / 2;
            (low, high) = BytesOf(Shapes(middle)) <= bytes ? (low, middle) : (middle, high);
        }

        FieldShape[] shapes = BytesOf(Shapes(high)) <= bytes ? Shapes(high) : [.. categories.Select(n => LeastAbove(threshold, n, size))];
        Spend(shapes, [.. popularity.Select(p => size * Math.Pow(p, high))], bytes);
        return shapes;

        FieldShape[] Shapes(double alpha) => [.. categories.Select((n, j) => n <= threshold
            ? FullShape(n, size)
            : Smaller(Of(n, size, (int)Math.Clamp(size * Math.Pow(popularity[j], alpha), 1, size))))];
    }

    /// <summary>Of each field, divided by P: at most 1 for a field that is above the threshold.</summary>
    private static double[] Popularity(IReadOnlyList<int> categories, IReadOnlyList<int[]>? frequencies, int threshold)
    {
        double[] samples = [.. categories.Select((_, j) => Math.Max(1, frequencies?[j].Sum(count => (double)count) ?? 1))];
        double most = samples.DefaultIfEmpty(1).Max() / Math.Max(1, threshold);
        return [.. categories.Select((n, j) => samples[j] / n / most)];
    }

    /// <summary>Makes rows longer by one value, always in the field that is furthest below its ideal width and that fits.</summary>
    private void Spend(FieldShape[] shapes, double[] ideal, long bytes)
    {
        long left = bytes - BytesOf(shapes);
        while (true)
        {
            int best = -1;
            FieldShape? longer = null;
            for (int j = 0; j < shapes.Length; j++)
            {
                var shape = shapes[j];
                if (shape.HasProjection && (best < 0 || ideal[j] / shape.Width > ideal[best] / shapes[best].Width)
                    && Smaller(Of(shape.Categories, shape.Size, shape.Width + 1)) is var next && next.Bytes - shape.Bytes <= left)
                    (best, longer) = (j, next);
            }

            if (longer is null)
                return;
            left -= longer.Bytes - shapes[best].Bytes;
            shapes[best] = longer;
        }
    }

    private FieldShape Of(int categories, int size, int width) => FieldShape.Full(categories, size, Precision, width);
}
