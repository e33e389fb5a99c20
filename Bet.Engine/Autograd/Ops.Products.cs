using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// Y = alpha A X + beta Z with A sparse [m, n], X [n, d], Z [m, d]; <paramref name="transposed"/> is A's transpose.
    /// Gradients: dX = alpha A' dY, dZ = beta dY.
    /// </summary>
    public Variable SpMM(float alpha, CsrMatrix a, CsrMatrix transposed, Variable x, float beta, Variable z) =>
        Next<SpMMVariable>().Record(alpha, a, transposed, x, beta, z);

    /// <summary>Y = X W with X [n, k], W [k, m]. Gradients: dX = dY W', dW = X' dY.</summary>
    public Variable MatMul(Variable x, Variable w) => Next<MatMulVariable>().Record(x, w);

    /// <summary>Y = X Z' with X [n, d], Z [m, d], Y [n, m]. Gradients: dX = dY Z, dZ = dY' X.</summary>
    public Variable MatMulTransposed(Variable x, Variable z) => Next<MatMulTransposedVariable>().Record(x, z);

    /// <summary>y[i] = x_i . z_i with X and Z [n, d], Y [n, 1]. Gradients: dx_i = dy[i] z_i, dz_i = dy[i] x_i.</summary>
    public Variable RowDots(Variable x, Variable z) => Next<RowDotsVariable>().Record(x, z);

    private sealed class SpMMVariable : Variable
    {
        private float alpha;
        private float beta;
        private CsrMatrix transposed = null!;
        private Variable x = null!;
        private Variable z = null!;

        public SpMMVariable Record(
            float alpha, CsrMatrix a, CsrMatrix transposed, Variable x, float beta, Variable z)
        {
            (this.alpha, this.beta, this.transposed, this.x, this.z) = (alpha, beta, transposed, x, z);
            NeedsGradient = x.NeedsGradient || z.NeedsGradient;
            Backend.SpMM(alpha, a, x.Value, beta, z.Value, Result(a.Rows, x.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            if (x.NeedsGradient)
            {
                var (dx, betaX) = x.Contribute();
                Backend.SpMM(alpha, transposed, Gradient, betaX, dx, dx);
            }

            if (z.NeedsGradient)
            {
                var (dz, betaZ) = z.Contribute();
                Backend.Axpby(beta, Gradient, betaZ, dz);
            }
        }
    }

    private sealed class MatMulVariable : Variable
    {
        private Variable x = null!;
        private Variable w = null!;

        public MatMulVariable Record(Variable x, Variable w)
        {
            (this.x, this.w) = (x, w);
            NeedsGradient = x.NeedsGradient || w.NeedsGradient;
            Backend.Gemm(false, false, 1, x.Value, w.Value, 0, Result(x.Value.Rows, w.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            if (x.NeedsGradient)
            {
                var (dx, beta) = x.Contribute();
                Backend.Gemm(false, true, 1, Gradient, w.Value, beta, dx);
            }

            if (w.NeedsGradient)
            {
                var (dw, beta) = w.Contribute();
                Backend.Gemm(true, false, 1, x.Value, Gradient, beta, dw);
            }
        }
    }

    private sealed class MatMulTransposedVariable : Variable
    {
        private Variable x = null!;
        private Variable z = null!;

        public MatMulTransposedVariable Record(Variable x, Variable z)
        {
            (this.x, this.z) = (x, z);
            NeedsGradient = x.NeedsGradient || z.NeedsGradient;
            Backend.Gemm(false, true, 1, x.Value, z.Value, 0, Result(x.Value.Rows, z.Value.Rows));
            return this;
        }

        internal override void Backward()
        {
            if (x.NeedsGradient)
            {
                var (dx, beta) = x.Contribute();
                Backend.Gemm(false, false, 1, Gradient, z.Value, beta, dx);
            }

            if (z.NeedsGradient)
            {
                var (dz, beta) = z.Contribute();
                Backend.Gemm(true, false, 1, Gradient, x.Value, beta, dz);
            }
        }
    }

    private sealed class RowDotsVariable : Variable
    {
        private Variable x = null!;
        private Variable z = null!;

        public RowDotsVariable Record(Variable x, Variable z)
        {
            (this.x, this.z) = (x, z);
            NeedsGradient = x.NeedsGradient || z.NeedsGradient;
            Backend.RowDots(1, x.Value, z.Value, 0, Result(x.Value.Rows, 1));
            return this;
        }

        internal override void Backward()
        {
            if (x.NeedsGradient)
            {
                var (dx, beta) = x.Contribute();
                Backend.ScaleRows(1, Gradient, z.Value, beta, dx);
            }

            if (z.NeedsGradient)
            {
                var (dz, beta) = z.Contribute();
                Backend.ScaleRows(1, Gradient, x.Value, beta, dz);
            }
        }
    }
}
