using System.Numerics.Tensors;

namespace Bet.Engine.Compute.Cpu;

/// <summary>y[i, j] = alpha scales[j] x[i, j] + beta y[i, j], row by row.</summary>
public sealed unsafe partial class CpuBackend
{
    public override void ScaleColumns(float alpha, Tensor scales, Tensor x, float beta, Tensor y)
    {
        Check(
            scales.Rows == 1 && scales.Columns == x.Columns && SameShape(x, y),
            $"ScaleColumns: scales are {scales}, x is {x}, y is {y}");
        ForRows(x.Rows, x.Columns, (alpha, scales, x, beta, y), static (
            in (float Alpha, Tensor Scales, Tensor X, float Beta, Tensor Y) s, int start, int end) =>
        {
            var factors = Row(s.Scales, 0);
            for (int row = start; row < end; row++)
                ScaleColumnsOfRow(s.Alpha, factors, Row(s.X, row), s.Beta, Row(s.Y, row));
        });
    }

    private static void ScaleColumnsOfRow(
        float alpha, ReadOnlySpan<float> scales, ReadOnlySpan<float> x, float beta, Span<float> y)
    {
        if (beta == 0)
        {
            TensorPrimitives.Multiply(x, scales, y);
            if (alpha != 1)
                TensorPrimitives.Multiply(y, alpha, y);
            return;
        }

        for (int column = 0; column < y.Length; column++)
            y[column] = (alpha * scales[column] * x[column]) + (beta * y[column]);
    }
}
