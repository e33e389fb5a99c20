using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Clicks;
using Bet.Engine.Compute;

namespace Bet.Engine.Fields;

/// <summary>
/// The embeddings of all fields of a model, trained: one lookup over all tables, and what makes features of its rows. A table is
/// float32 and read as it will be served, rounded to its precision: packing changes no feature.
/// </summary>
public sealed class FieldTables : IFieldFeatures, IDisposable
{
    private readonly Backend backend;
    private readonly RowTable[][] tables;
    private readonly Parameter?[] projections;
    private readonly int[][] columns;
    private readonly List<ColumnsOf> features = [];

    /// <summary>All values are drawn from the seed; see <see cref="Initialise"/>.</summary>
    /// <param name="backend">Where they are trained.</param>
    /// <param name="shapes">How each field is stored, all of one d.</param>
    /// <param name="optimiser">That the rows are updated by.</param>
    /// <param name="seed">Of the values.</param>
    public FieldTables(Backend backend, IReadOnlyList<FieldShape> shapes, Optimiser optimiser, ulong seed)
        : this(backend, shapes, optimiser) => Initialise(new Philox(seed, RandomPurpose.Initialise));

    private FieldTables(Backend backend, IReadOnlyList<FieldShape> shapes, Optimiser optimiser)
    {
        if (shapes.Count == 0 || shapes.Any(shape => shape.Size != shapes[0].Size))
            throw new ArgumentException($"FieldTables: fields of {string.Join(", ", shapes.Select(shape => shape.Size))} values, they have one size");
        (this.backend, Shapes) = (backend, [.. shapes]);
        tables = [.. Shapes.Select((shape, field) => shape.Tables
            .Select(part => new RowTable(backend, NameOf(field, part), part.Rows, part.Columns, optimiser)).ToArray())];
        projections = [.. Shapes.Select((shape, field) => shape.HasProjection
            ? new Parameter(backend, NameOf(field, shape.Parts[^1]), shape.Width, shape.Size) : null)];
        (Lookup, columns) = LookUp();
        RowTables = [.. tables.SelectMany(table => table)];
        Parameters = [.. projections.OfType<Parameter>()];
    }

    public IReadOnlyList<FieldShape> Shapes { get; }

    /// <summary>d, values of a feature.</summary>
    public int Size => Shapes[0].Size;

    /// <summary>Features of all fields together.</summary>
    public int FeatureCount => Shapes.Sum(shape => shape.FeatureCount);

    /// <summary>Tables whose rows are updated by <see cref="Tape.UpdateRows"/>, field by field, one for each partition.</summary>
    public IReadOnlyList<RowTable> RowTables { get; }

    /// <summary>The projections.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>All rows that a sample's features are made of.</summary>
    public FieldLookup Lookup { get; }

    /// <summary>Tables with the values that a server reads, for evaluation: they keep no states of an optimiser.</summary>
    public static FieldTables Of(Backend backend, PackedFields packed)
    {
        var made = new FieldTables(backend, packed.Shapes, Optimiser.Sgd);
        for (int field = 0; field < packed.Shapes.Count; field++)
        {
            for (int j = 0; j < made.tables[field].Length; j++)
                backend.Upload(packed.Table(field, j), made.tables[field][j].Value);
            if (made.projections[field] is { } projection)
                backend.Upload(packed.Projection(field), projection.Value);
        }

        return made;
    }

    /// <summary>
    /// Draws all values: those of a full table uniform in +-sqrt(1 / n), as DLRM does, and others so that a feature's values have
    /// the same deviation. See <see cref="FieldValues"/>.
    /// </summary>
    /// <param name="random">Each table and projection has a stream of its own from here on.</param>
    public void Initialise(Philox random)
    {
        uint stream = 0;
        for (int field = 0; field < Shapes.Count; field++)
        {
            for (int j = 0; j < tables[field].Length; j++)
                FieldValues.DrawRows(backend, random.Further(stream++), Shapes[field], j, tables[field][j].Value);
            if (projections[field] is { } projection)
                FieldValues.DrawProjection(backend, random.Further(stream++), projection.Value);
        }
    }

    /// <summary>Records the features of samples, [b, FeatureCount d]: those of a field one after the other, in the order of the fields.</summary>
    /// <param name="tape">Records.</param>
    /// <param name="categories">[b F], sample by sample.</param>
    public Variable Features(Tape tape, Ids categories)
    {
        var rows = tape.LookUpRows(Lookup, categories);
        features.Clear();
        for (int field = 0; field < Shapes.Count; field++)
            AddFeatures(tape, rows, field);
        return features is [var all] && all.Columns.Count == all.Values.Value.Columns ? all.Values : tape.ConcatenateColumns(features);
    }

    /// <summary>As a server holds them: rows rounded to their precision.</summary>
    /// <param name="names">Of the fields, no two the same.</param>
    public PackedFields Pack(IReadOnlyList<string> names) => new(
        names, Shapes,
        [.. tables.Select((ofField, field) => ofField.Zip(Shapes[field].Tables, Encode).ToArray())],
        [.. projections.Select(projection => projection is null ? null : Download(projection.Value))]);

    public void Dispose()
    {
        foreach (var table in RowTables)
            table.Dispose();
        foreach (var parameter in Parameters)
            parameter.Dispose();
    }

    internal static string NameOf(int field, FieldPart part) => $"field{field}.{part.Name}";

    /// <summary>The lookup, and the first column of each table's rows in its result.</summary>
    private (FieldLookup Lookup, int[][] Columns) LookUp()
    {
        var sources = new List<RowSource>();
        var firsts = new int[Shapes.Count][];
        int end = 0;
        for (int field = 0; field < Shapes.Count; field++)
        {
            var shape = Shapes[field];
            firsts[field] = new int[shape.Partitions.Count];
            for (int j = 0; j < shape.Partitions.Count; j++)
            {
                var (divisor, cells) = shape.Partitions[j];
                bool isSet = shape.JoinOf(j) == RowOperation.Set;
                firsts[field][j] = isSet ? end : firsts[field][0];
                end += isSet ? shape.Parts[j].Columns : 0;
                sources.Add(new RowSource(
                    tables[field][j], field, shape.Head, divisor, cells, firsts[field][j], shape.JoinOf(j), shape.Parts[j].Precision));
            }
        }

        return (new FieldLookup(Shapes.Count, sources), firsts);
    }

    private void AddFeatures(Tape tape, Variable rows, int field)
    {
        var shape = Shapes[field];
        int width = shape.FeatureCount * shape.Width;
        var made = new ColumnsOf(rows, new(columns[field][0], width));
        if (shape.Operation == FieldOperation.Path)
        {
            var x = tape.Columns(rows, made.Columns);
            for (int j = 1; j < shape.Partitions.Count; j++)
                x = tape.PathMlp(x, tape.Columns(rows, new(columns[field][j], shape.Parts[j].Columns)));
            made = new(x, new(0, width));
        }

        if (projections[field] is { } projection)
        {
            var (values, range) = made;
            var narrow = range.Count == values.Value.Columns ? values : tape.Columns(values, range);
            made = new(Project(tape, shape, narrow, tape.Parameter(projection)), new(0, shape.FeatureCount * shape.Size));
        }

        bool goesOn = features is [.., var last] && last.Values == made.Values && last.Columns.Start + last.Columns.Count == made.Columns.Start;
        if (goesOn)
            features[^1] = new(made.Values, new(features[^1].Columns.Start, features[^1].Columns.Count + made.Columns.Count));
        else
            features.Add(made);
    }

    /// <summary>[b, features w] to [b, features d]: every feature of a field has the same projection.</summary>
    private static Variable Project(Tape tape, FieldShape shape, Variable narrow, Variable projection)
    {
        if (shape.FeatureCount == 1)
            return tape.MatMul(narrow, projection);
        int samples = narrow.Value.Rows;
        var stacked = tape.MatMul(tape.Reshape(narrow, samples * shape.FeatureCount, shape.Width), projection);
        return tape.Reshape(stacked, samples, shape.FeatureCount * shape.Size);
    }

    private PackedValues Encode(RowTable table, FieldPart part)
    {
        float[] values = Download(table.Value);
        int[] sizes = new int[part.Rows];
        Array.Fill(sizes, part.Columns);
        return PackedValues.Encode(part.Precision, sizes, row => values.AsSpan(row * part.Columns, part.Columns));
    }

    private float[] Download(Tensor tensor)
    {
        var values = new float[tensor.Length];
        backend.Download(tensor, values);
        return values;
    }
}
