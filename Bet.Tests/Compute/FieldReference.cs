using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

/// <summary>A lookup over tables of random values, and the same in plain float64 loops.</summary>
internal sealed class FieldReference : IDisposable
{
    public const int Fields = 3;
    public const int Categories = 90;

    private readonly CpuBackend backend;
    private readonly RowTable[] tables;
    private readonly Optimiser optimiser;

    public FieldReference(CpuBackend backend, IReadOnlyList<FieldSourceShape> shapes, Optimiser optimiser)
    {
        this.backend = backend;
        this.optimiser = optimiser;
        tables = [.. shapes.Select((shape, i) => new RowTable(backend, $"table{i}", shape.Rows, shape.Width, optimiser))];
        Lookup = new FieldLookup(Fields, [.. shapes.Select((shape, i) => new RowSource(
            tables[i], shape.Field, shape.Head, shape.Divisor, shape.Cells, shape.Column, shape.Operation, shape.Precision))]);
        foreach (var (i, table) in tables.Index())
        {
            backend.Upload(Oracle.Values(table.Value.Length, 100 + i), table.Value);
            foreach (var (j, state) in table.States.Index())
                backend.Upload([.. Oracle.Values(state.Length, 200 + (10 * i) + j).Select(value => value * value)], state);
        }
    }

    public FieldLookup Lookup { get; }

    /// <summary>
    /// Every operation, alone and after others, with a head and without, the rows of a block apart from one another, tables
    /// of one row to many, and a field that is read twice.
    /// </summary>
    public static FieldSourceShape[] Shapes(int width) =>
    [
        new(Categories, width, 0, 0, 1, Categories, 0, RowOperation.Set),
        new(7, width, 1, 0, 1, 7, width, RowOperation.Set),
        new(10 + 9, width, 2, 10, 1, 9, 2 * width, RowOperation.Set),
        new(13, width, 1, 0, 7, 13, width, RowOperation.Multiply),
        new(5, width, 2, 10, 4, 5, 2 * width, RowOperation.Add),
        new(1, width + 3, 0, 0, 1, 1, 3 * width, RowOperation.Set),
        new(4, width, 2, 10, 20, 4, 2 * width, RowOperation.Multiply),
        new(6, width, 2, 10, 3, 6, 2 * width, RowOperation.Add),
        new(11, width, 2, 10, 1, 11, 2 * width, RowOperation.Multiply),
        new(8, width, 1, 0, 2, 8, (4 * width) + 3, RowOperation.Set),
        new(9, width, 1, 0, 1, 9, (4 * width) + 3, RowOperation.Add),
    ];

    /// <summary>
    /// What one step makes of the tables' values and states, for a gradient of random values; the backend is disposed.
    /// </summary>
    public static float[][] Updated(
        CpuBackend backend, OptimiserStep step, FieldSourceShape[] shapes, int[] categories, Action<FieldReference>? before = null)
    {
        using (backend)
        {
            using var reference = new FieldReference(backend, shapes, step.Kind);
            before?.Invoke(reference);
            int samples = categories.Length / Fields;
            using var ids = backend.Ids(categories);
            using var gradient = backend.Tensor(samples, reference.Lookup.Columns, reference.Gradient(samples));
            backend.UpdateRows(step, reference.Lookup, ids, gradient);
            return reference.Read();
        }
    }

    /// <summary>Random values for the looked-up rows of so many samples.</summary>
    public float[] Gradient(int samples) => Oracle.Values((long)samples * Lookup.Columns, 11);

    /// <summary>The values, then the states, of every table.</summary>
    public float[][] Read() =>
        [.. tables.SelectMany(table => table.States.Prepend(table.Value)).Select(tensor => backend.Read(tensor))];

    /// <summary>The tables' rows become what tables of the shapes' precisions serve.</summary>
    public void Round(IReadOnlyList<FieldSourceShape> shapes)
    {
        foreach (var (table, shape) in tables.Zip(shapes))
            backend.QuantiseRows(shape.Precision, null, table.Value, table.Value);
    }

    public double[] LookUp(int[] categories)
    {
        float[][] before = Rounded(Read());
        int samples = categories.Length / Lookup.Fields;
        var result = new double[samples * Lookup.Columns];
        for (int sample = 0; sample < samples; sample++)
        {
            foreach (var (place, source) in Lookup.Sources.Index())
            {
                var values = Values(before, place, categories, sample);
                for (int j = 0; j < values.Length; j++)
                    Join(source.Operation, ref result[(sample * Lookup.Columns) + source.Column + j], values[j]);
            }
        }

        return result;
    }

    /// <summary>What <see cref="Read"/> gives after a step; where nothing is read, the same bits.</summary>
    public double[][] Update(OptimiserStep step, int[] categories, float[] gradient)
    {
        float[][] before = Read();
        double[][] after = [.. before.Select(values => values.Select(value => (double)value).ToArray())];
        foreach (var (place, source) in Lookup.Sources.Index())
        {
            int width = source.Table.Value.Columns, first = place * (1 + optimiser.StateCount());
            foreach (var (row, slopes) in Gradients(Rounded(before), place, categories, gradient))
            {
                for (int j = 0; j < width; j++)
                    Step(step, slopes[j], after.AsSpan(first, 1 + optimiser.StateCount()), (row * width) + j);
            }
        }

        return after;
    }

    public void Dispose()
    {
        foreach (var table in tables)
            table.Dispose();
    }

    /// <summary>The tables' values as a lookup reads them.</summary>
    private float[][] Rounded(float[][] all)
    {
        float[][] rounded = [.. all.Select(values => values.ToArray())];
        foreach (var (place, source) in Lookup.Sources.Index())
        {
            int width = source.Table.Value.Columns;
            float[] values = rounded[place * (1 + optimiser.StateCount())];
            for (int first = 0; first < values.Length; first += width)
                RowQuantiser.Round(values.AsSpan(first, width), source.Precision, values.AsSpan(first, width));
        }

        return rounded;
    }

    private Dictionary<int, double[]> Gradients(float[][] before, int place, int[] categories, float[] gradient)
    {
        var source = Lookup.Sources[place];
        var sums = new Dictionary<int, double[]>();
        for (int sample = 0; sample < categories.Length / Lookup.Fields; sample++)
        {
            int row = Row(place, categories, sample);
            if (row < 0)
                continue;
            int width = source.Table.Value.Columns;
            if (!sums.TryGetValue(row, out double[]? sum))
                sums[row] = sum = new double[width];
            for (int j = 0; j < width; j++)
            {
                // The columns are linear in each of their rows: the slope is the difference for rows of 1 and of 0.
                double slope = Columns(before, place, categories, sample, j, 1) - Columns(before, place, categories, sample, j, 0);
                sum[j] += slope * gradient[(sample * Lookup.Columns) + source.Column + j];
            }
        }

        return sums;
    }

    /// <summary>Column j of the columns of a source, with another value in its row.</summary>
    private double Columns(float[][] before, int place, int[] categories, int sample, int j, double value)
    {
        double result = 0;
        foreach (var (beside, source) in Lookup.Sources.Index().Where(one => one.Item.Column == Lookup.Sources[place].Column))
        {
            var values = Values(before, beside, categories, sample);
            if (values.Length > 0)
                Join(source.Operation, ref result, beside == place ? value : values[j]);
        }

        return result;
    }

    private ReadOnlySpan<float> Values(float[][] all, int place, int[] categories, int sample)
    {
        int row = Row(place, categories, sample), width = Lookup.Sources[place].Table.Value.Columns;
        return row < 0 ? [] : all[place * (1 + optimiser.StateCount())].AsSpan(row * width, width);
    }

    private int Row(int place, int[] categories, int sample) =>
        Lookup.Sources[place].RowOf(categories[(sample * Lookup.Fields) + Lookup.Sources[place].Field]);

    private static void Join(RowOperation operation, ref double to, double value) => to = operation switch
    {
        RowOperation.Set => value,
        RowOperation.Add => to + value,
        _ => to * value,
    };

    private static void Step(OptimiserStep step, double g, Span<double[]> parts, int at)
    {
        switch (step.Kind)
        {
            case Optimiser.Sgd:
                parts[0][at] -= step.LearningRate * g;
                return;
            case Optimiser.Adagrad:
                parts[1][at] += g * g;
                parts[0][at] -= step.LearningRate * g / (Math.Sqrt(parts[1][at]) + step.Epsilon);
                return;
        }

        double m = parts[1][at] = (step.Beta1 * (double)parts[1][at]) + ((1 - (double)step.Beta1) * g);
        double v = parts[2][at] = (step.Beta2 * (double)parts[2][at]) + ((1 - (double)step.Beta2) * g * g);
        if (step.Kind == Optimiser.AmsGrad)
            v = parts[3][at] = Math.Max(parts[3][at], v);
        m /= 1 - Math.Pow(step.Beta1, step.Step);
        v /= 1 - Math.Pow(step.Beta2, step.Step);
        parts[0][at] -= step.LearningRate * m / (Math.Sqrt(v) + step.Epsilon);
    }
}

/// <summary>A <see cref="RowSource"/> and the shape of its table.</summary>
internal readonly record struct FieldSourceShape(
    int Rows, int Width, int Field, int Head, long Divisor, long Cells, int Column, RowOperation Operation,
    Precision Precision = Precision.Float32);
