using Bet.Engine.Compute;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Bet.Engine.Fields;

/// <summary>
/// The first values of a field's tables. A full table's are uniform in +-sqrt(1 / n), whose variance is 1 / 3n; what several
/// tables and layers make together has the same variance.
/// </summary>
internal static class FieldValues
{
    /// <summary>How far the factors of a product that are drawn around 1 reach from it.</summary>
    private const float FactorReach = 0.5f;

    /// <summary>Fills the table of a partition.</summary>
    public static void DrawRows(Backend backend, Philox random, FieldShape shape, int partition, Tensor table)
    {
        float bound = Bound(shape);
        if (shape.Operation == FieldOperation.Path && partition > 0)
            DrawLayers(backend, random, shape, table);
        else if (shape.Operation == FieldOperation.Multiply && partition > 0)
            backend.FillUniform(random, 1 - FactorReach, 1 + FactorReach, table);
        else
            backend.FillUniform(random, -bound, bound, table);
        float ofFull = MathF.Sqrt(1f / shape.Categories);
        if (partition == 0 && shape.Head > 0 && bound != ofFull)
            Change(backend, table, values => Scale(values.AsSpan(0, shape.Head * table.Columns), ofFull / bound));
    }

    /// <summary>Fills a projection [w, d]: a sum of w products has the variance of one row's values.</summary>
    public static void DrawProjection(Backend backend, Philox random, Tensor projection)
    {
        float bound = MathF.Sqrt(3f / projection.Rows);
        backend.FillUniform(random, -bound, bound, projection);
    }

    /// <summary>
    /// Summands of variance 1 / 3nk; of a product the first factor has the variance of a row, and the others, around 1, change
    /// it by little: factors that are all small pass on next to no gradient, so that products learn far more slowly than
    /// sums. A uniform number in +-a has variance a^2 / 3.
    /// </summary>
    private static float Bound(FieldShape shape)
    {
        double variance = 1 / (3.0 * shape.Categories);
        int count = shape.Partitions.Count;
        return (float)Math.Sqrt(3 * shape.Operation switch
        {
            FieldOperation.Add => variance / count,
            _ => variance,
        });
    }

    /// <summary>V of variance 2 / w and W of variance 1 / h keep the variance of what comes in; biases are zero.</summary>
    private static void DrawLayers(Backend backend, Philox random, FieldShape shape, Tensor table)
    {
        int bias = shape.Hidden * shape.Width, from = bias + shape.Hidden, last = from + bias;
        float into = MathF.Sqrt(6f / shape.Width), outOf = MathF.Sqrt(3f / shape.Hidden);
        backend.FillUniform(random, -1, 1, table);
        Change(backend, table, values =>
        {
            for (int start = 0; start < values.Length; start += table.Columns)
            {
                var row = values.AsSpan(start, table.Columns);
                Scale(row[..bias], into);
                row[bias..from].Clear();
                Scale(row[from..last], outOf);
                row[last..].Clear();
            }
        });
    }

    private static void Scale(Span<float> values, float factor) => TensorPrimitives.Multiply(values, factor, values);

    private static void Change(Backend backend, Tensor tensor, Action<float[]> change)
    {
        var values = new float[tensor.Length];
        backend.Download(tensor, values);
        change(values);
        backend.Upload(values, tensor);
    }
}
