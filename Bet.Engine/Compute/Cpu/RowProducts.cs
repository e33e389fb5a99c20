using System.Numerics.Tensors;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Products of rows with rows, and of rows with numbers.</summary>
public sealed unsafe partial class CpuBackend
{
    public override void RowDots(float alpha, Tensor x, Tensor z, float beta, Tensor y)
    {
        Check(
            SameShape(x, z) && y.Rows == x.Rows && y.Columns == 1,
            $"RowDots: x is {x}, z is {z}, y is {y}");
        ForRows(x.Rows, x.Columns, (alpha, x, z, beta, y), static (in work, start, end) =>
        {
            var (alpha, x, z, beta, y) = work;
            for (int row = start; row < end; row++)
            {
                float product = alpha * TensorPrimitives.Dot<float>(Row(x, row), Row(z, row));
                y.Pointer[row] = beta == 0 ? product : product + (beta * y.Pointer[row]);
            }
        });
    }

    public override void ScaleRows(float alpha, Tensor scales, Tensor x, float beta, Tensor y)
    {
        Check(
            SameShape(x, y) && scales.Rows == x.Rows && scales.Columns == 1,
            $"ScaleRows: scales are {scales}, x is {x}, y is {y}");
        ForRows(x.Rows, x.Columns, (alpha, scales, x, beta, y), static (in work, start, end) =>
        {
            var (alpha, scales, x, beta, y) = work;
            for (int row = start; row < end; row++)
                AddScaled(alpha * scales.Pointer[row], Row(x, row), beta, Row(y, row));
        });
    }

    /// <summary>y = alpha x + beta y. A beta of 0 never reads y.</summary>
    private static void AddScaled(float alpha, ReadOnlySpan<float> x, float beta, Span<float> y)
    {
        if (beta == 0)
        {
            TensorPrimitives.Multiply(x, alpha, y);
            return;
        }

        if (beta != 1)
            TensorPrimitives.Multiply(y, beta, y);
        TensorPrimitives.MultiplyAddEstimate(x, alpha, y, y);
    }
}
