using System.Numerics.Tensors;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Rows of length one, and the gradient through them.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>No row is divided by less, so that a row of zeros stays one.</summary>
    private const float SmallestNorm = 1e-12f;

    public override void NormaliseRows(Tensor x, Tensor norms, Tensor y)
    {
        Check(
            SameShape(x, y) && norms.Rows == x.Rows && norms.Columns == 1,
            $"NormaliseRows: x is {x}, norms are {norms}, y is {y}");
        ForRows(x.Rows, x.Columns, (x, norms, y), static (in work, start, end) =>
        {
            var (x, norms, y) = work;
            for (int row = start; row < end; row++)
            {
                float norm = MathF.Max(TensorPrimitives.Norm<float>(Row(x, row)), SmallestNorm);
                norms.Pointer[row] = norm;
                TensorPrimitives.Multiply(Row(x, row), 1 / norm, Row(y, row));
            }
        });
    }

    public override void NormaliseRowsGradient(Tensor y, Tensor norms, Tensor dy, float beta, Tensor dx)
    {
        Check(
            SameShape(y, dy) && SameShape(y, dx) && norms.Rows == y.Rows && norms.Columns == 1,
            $"NormaliseRowsGradient: y is {y}, norms are {norms}, dy is {dy}, dx is {dx}");
        ForRows(y.Rows, y.Columns, (y, norms, dy, beta, dx), static (in work, start, end) =>
        {
            var (y, norms, dy, beta, dx) = work;
            for (int row = start; row < end; row++)
            {
                long at = (long)row * y.Columns;
                float inverse = 1 / norms.Pointer[row];
                float along = TensorPrimitives.Dot<float>(Row(dy, row), Row(y, row));
                Combine(
                    inverse, dy.Pointer + at, -along * inverse, y.Pointer + at, beta, dx.Pointer + at, y.Columns);
            }
        });
    }
}
