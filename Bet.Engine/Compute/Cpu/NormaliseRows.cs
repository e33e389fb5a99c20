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
        ForRows(x.Rows, x.Columns, (x, norms, y), static (in (Tensor X, Tensor Norms, Tensor Y) s, int start, int end) =>
        {
            for (int row = start; row < end; row++)
            {
                float norm = MathF.Max(TensorPrimitives.Norm<float>(Row(s.X, row)), SmallestNorm);
                s.Norms.Pointer[row] = norm;
                TensorPrimitives.Divide(Row(s.X, row), norm, Row(s.Y, row));
            }
        });
    }

    public override void NormaliseRowsGradient(Tensor y, Tensor norms, Tensor dy, float beta, Tensor dx)
    {
        Check(
            SameShape(y, dy) && SameShape(y, dx) && norms.Rows == y.Rows && norms.Columns == 1,
            $"NormaliseRowsGradient: y is {y}, norms are {norms}, dy is {dy}, dx is {dx}");
        ForRows(y.Rows, y.Columns, (y, norms, dy, beta, dx), static (in (Tensor Y, Tensor Norms, Tensor Dy, float Beta, Tensor Dx) s, int start, int end) =>
        {
            int columns = s.Y.Columns;
            for (int row = start; row < end; row++)
            {
                long at = (long)row * columns;
                float inverse = 1 / s.Norms.Pointer[row];
                float along = TensorPrimitives.Dot<float>(Row(s.Dy, row), Row(s.Y, row));
                Combine(
                    inverse, s.Dy.Pointer + at, -along * inverse, s.Y.Pointer + at, s.Beta, s.Dx.Pointer + at, columns);
            }
        });
    }
}
