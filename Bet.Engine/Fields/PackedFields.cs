using Bet.Engine.Artifacts;
using Bet.Engine.Compute;

namespace Bet.Engine.Fields;

/// <summary>
/// The embeddings of all fields as a server holds and reads them: tables rounded to their precision, projections in float32.
/// Sums of a projection and of a path's layers are taken in double precision in the order of their terms and then rounded,
/// which every reader can do alike.
/// </summary>
public sealed class PackedFields : IEquatable<PackedFields>
{
    private readonly PackedValues[][] tables;
    private readonly float[]?[] projections;

    /// <param name="names">Of the fields, no two the same.</param>
    /// <param name="shapes">Of the fields, all of one d.</param>
    /// <param name="tables">Of each field those of its partitions.</param>
    /// <param name="projections">[w, d] row-major; null where a field has none.</param>
    internal PackedFields(
        IReadOnlyList<string> names, IReadOnlyList<FieldShape> shapes, PackedValues[][] tables, float[]?[] projections)
    {
        if (names.Count != shapes.Count || names.Distinct().Count() != names.Count)
            throw new ArgumentException($"{shapes.Count} fields cannot be named {string.Join(", ", names)}");
        if (shapes.Any(shape => shape.Size != shapes[0].Size))
            throw new ArgumentException($"fields of {string.Join(", ", shapes.Select(shape => shape.Size))} values, they have one size");
        for (int field = 0; field < shapes.Count; field++)
        {
            var shape = shapes[field];
            bool fits = shape.Tables.Zip(tables[field], IsOf).All(each => each) && tables[field].Length == shape.Partitions.Count
                && projections[field]?.LongLength == (shape.HasProjection ? (long)shape.Width * shape.Size : null);
            if (!fits)
                throw new ArgumentException($"the values of field {names[field]} are not those of {string.Join(", ", shape.Parts)}");
        }

        (Names, Shapes, this.tables, this.projections) = ([.. names], [.. shapes], tables, projections);
    }

    /// <summary>Of the fields.</summary>
    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<FieldShape> Shapes { get; }

    /// <summary>Bytes of all tensors.</summary>
    public long Bytes => Shapes.Sum(shape => shape.Bytes);

    /// <summary>A category's features as a server reads them, [FeatureCount d].</summary>
    public float[] Vector(int field, int category)
    {
        var shape = Shapes[field];
        if ((uint)category >= (uint)shape.Categories)
            throw new ArgumentOutOfRangeException(nameof(category), category, $"field {Names[field]} has {shape.Categories} categories");
        float[] made = Made(field, category);
        return projections[field] is { } projection ? Project(made, projection, shape) : made;
    }

    /// <summary>All values of the table of a partition, rounded, row-major.</summary>
    internal float[] Table(int field, int partition)
    {
        var part = Shapes[field].Parts[partition];
        var values = new float[part.Values];
        for (int row = 0; row < part.Rows; row++)
            Read(field, partition, row, values.AsSpan(row * part.Columns, part.Columns));
        return values;
    }

    /// <summary>[w, d].</summary>
    internal float[] Projection(int field) => projections[field]!;

    /// <summary>The tensors of a field in the order of its parts; a table's scales follow it.</summary>
    internal IEnumerable<TensorContent> Tensors(int field)
    {
        var shape = Shapes[field];
        foreach (var (part, values) in shape.Tables.Zip(tables[field]))
        {
            string name = FieldTables.NameOf(field, part);
            yield return values.ToTensor(name);
            if (part.Precision.HasScales())
                yield return TensorContent.From(name + FieldTableFile.ScalesSuffix, values.Scales, part.Rows);
        }

        if (shape.HasProjection)
            yield return TensorContent.From(FieldTables.NameOf(field, shape.Parts[^1]), Projection(field), shape.Width, shape.Size);
    }

    public bool Equals(PackedFields? other) =>
        other is not null && Names.SequenceEqual(other.Names) && Shapes.SequenceEqual(other.Shapes)
        && tables.SelectMany(table => table).Zip(other.tables.SelectMany(table => table), (mine, theirs) => mine.SequenceEqual(theirs)).All(same => same)
        && projections.Zip(other.projections, (mine, theirs) => mine.AsSpan().SequenceEqual(theirs)).All(same => same);

    public override bool Equals(object? obj) => Equals(obj as PackedFields);

    public override int GetHashCode() => Shapes.Aggregate(0, HashCode.Combine);

    /// <summary>What the operation makes of the rows, [FeatureCount w].</summary>
    private float[] Made(int field, int category)
    {
        var shape = Shapes[field];
        var made = new float[shape.FeatureCount * shape.Width];
        for (int j = 0, column = 0; j < shape.Partitions.Count; j++)
        {
            int row = shape.RowOf(j, category);
            if (row < 0)
                continue;
            var values = new float[shape.Parts[j].Columns];
            Read(field, j, row, values);
            switch (shape.Operation)
            {
                case FieldOperation.Add when j > 0:
                    for (int i = 0; i < values.Length; i++)
                        made[i] += values[i];
                    break;
                case FieldOperation.Multiply when j > 0:
                    for (int i = 0; i < values.Length; i++)
                        made[i] *= values[i];
                    break;
                case FieldOperation.Path when j > 0:
                    made = Through(values, made, shape.Hidden);
                    break;
                default:
                    values.CopyTo(made, column);
                    column += values.Length;
                    break;
            }
        }

        return made;
    }

    /// <summary>W' relu(V x + a) + b; see <see cref="FieldOperation.Path"/>.</summary>
    private static float[] Through(float[] layers, float[] x, int hidden)
    {
        int width = x.Length, bias = hidden * width, from = bias + hidden, last = from + bias;
        double[] sums = [.. layers.AsSpan(last).ToArray().Select(value => (double)value)];
        for (int j = 0; j < hidden; j++)
        {
            double sum = layers[bias + j];
            for (int i = 0; i < width; i++)
                sum += (double)layers[(j * width) + i] * x[i];
            double value = Math.Max(sum, 0);
            for (int i = 0; i < width; i++)
                sums[i] += value * layers[from + (j * width) + i];
        }

        return [.. sums.Select(sum => (float)sum)];
    }

    private static float[] Project(float[] made, float[] projection, FieldShape shape)
    {
        var features = new float[shape.FeatureCount * shape.Size];
        for (int i = 0; i < features.Length; i++)
        {
            var (feature, column) = Math.DivRem(i, shape.Size);
            double sum = 0;
            for (int k = 0; k < shape.Width; k++)
                sum += (double)made[(feature * shape.Width) + k] * projection[(k * shape.Size) + column];
            features[i] = (float)sum;
        }

        return features;
    }

    private void Read(int field, int partition, int row, Span<float> destination) =>
        tables[field][partition].Decode(row, (long)row * destination.Length, destination);

    private static bool IsOf(FieldPart part, PackedValues values) =>
        values.Precision == part.Precision && values.Count == part.Values
        && values.Scales.Length == (part.Precision.HasScales() ? part.Rows : 0);
}
