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
}
