using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// Y = A X with A sparse [m, n], X [n, d]; <paramref name="transposed"/> is A's transpose. Gradient: dX = A' dY.
    /// </summary>
    public Variable SpMM(CsrMatrix a, CsrMatrix transposed, Variable x) => Next<SpMMVariable>().Record(a, transposed, x);

    /// <summary>Y = X W with X [n, k], W [k, m]. Gradients: dX = dY W', dW = X' dY.</summary>
    public Variable MatMul(Variable x, Variable w) => Next<MatMulVariable>().Record(x, w);

    /// <summary>Y = X Z' with X [n, d], Z [m, d], Y [n, m]. Gradients: dX = dY Z, dZ = dY' X.</summary>
    public Variable MatMulTransposed(Variable x, Variable z) => Next<MatMulTransposedVariable>().Record(x, z);

    /// <summary>y[i] = x_i . z_i with X and Z [n, d], Y [n, 1]. Gradients: dx_i = dy[i] z_i, dz_i = dy[i] x_i.</summary>
    public Variable RowDots(Variable x, Variable z) => Next<RowDotsVariable>().Record(x, z);

    /// <summary>
    /// Y = X W + Z V with X [n, k], W [k, m], Z [n, l], V [l, m]. Gradients: dX = dY W', dW = X' dY, and likewise of Z, V.
    /// </summary>
    public Variable MatMulSum(Variable x, Variable w, Variable z, Variable v) =>
        Next<MatMulSumVariable>().Record(x, w, z, v);

    /// <summary>
    /// A layer: Y = X W + bias in every row, and where that is not positive slope times it; X [n, k], W [k, m], bias
    /// [1, m]. With G = dY, or slope dY where Y is not positive: dX = G W', dW = X' G, dbias = the column sums of G.
    /// </summary>
    public Variable Dense(float slope, Variable x, Variable w, Variable bias) =>
        Next<DenseVariable>().Record(slope, x, w, bias);

    private sealed class SpMMVariable : Variable
    {
        private CsrMatrix transposed = null!;
        private Variable x = null!;

        public SpMMVariable Record(CsrMatrix a, CsrMatrix transposed, Variable x)
        {
            (this.transposed, this.x) = (transposed, x);
            NeedsGradient = x.NeedsGradient;
            var y = Result(a.Rows, x.Value.Columns);
            Backend.SpMM(1, a, x.Value, 0, y, y);
            return this;
        }

        internal override void Backward()
        {
            if (!x.NeedsGradient)
                return;
            var (dx, beta) = x.Contribute();
            Backend.SpMM(1, transposed, Gradient, beta, dx, dx);
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

        internal override void Backward() => ContributeOfProduct(Backend, Gradient, x, w);
    }

    private sealed class MatMulSumVariable : Variable
    {
        private Variable x = null!;
        private Variable w = null!;
        private Variable z = null!;
        private Variable v = null!;

        public MatMulSumVariable Record(Variable x, Variable w, Variable z, Variable v)
        {
            (this.x, this.w, this.z, this.v) = (x, w, z, v);
            NeedsGradient = x.NeedsGradient || w.NeedsGradient || z.NeedsGradient || v.NeedsGradient;
            var y = Result(x.Value.Rows, w.Value.Columns);
            Backend.Gemm(false, false, 1, x.Value, w.Value, 0, y);
            Backend.Gemm(false, false, 1, z.Value, v.Value, 1, y);
            return this;
        }

        internal override void Backward()
        {
            ContributeOfProduct(Backend, Gradient, x, w);
            ContributeOfProduct(Backend, Gradient, z, v);
        }
    }

    /// <summary>Everything happens in the result and in its gradient: the layer holds nothing else.</summary>
    private sealed class DenseVariable : Variable
    {
        private float slope;
        private Variable x = null!;
        private Variable w = null!;
        private Variable bias = null!;

        public DenseVariable Record(float slope, Variable x, Variable w, Variable bias)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(slope);
            (this.slope, this.x, this.w, this.bias) = (slope, x, w, bias);
            NeedsGradient = x.NeedsGradient || w.NeedsGradient || bias.NeedsGradient;
            var y = Result(x.Value.Rows, w.Value.Columns);
            Backend.Gemm(false, false, 1, x.Value, w.Value, 0, y);
            Backend.AddBias(bias.Value, y);
            Backend.LeakyRelu(slope, y, y);
            return this;
        }

        /// <summary>With a slope that is not negative, Y is positive where the sum before it was.</summary>
        internal override void Backward()
        {
            Backend.LeakyReluGradient(slope, Value, Gradient, 0, Gradient);
            ContributeOfProduct(Backend, Gradient, x, w);
            if (bias.NeedsGradient)
            {
                var (dbias, beta) = bias.Contribute();
                Backend.ColumnSums(1, Gradient, beta, dbias);
            }
        }
    }

    /// <summary>What dY is to the factors of Y = X W.</summary>
    private static void ContributeOfProduct(Backend backend, Tensor dy, Variable x, Variable w)
    {
        if (x.NeedsGradient)
        {
            var (dx, beta) = x.Contribute();
            backend.Gemm(false, true, 1, dy, w.Value, beta, dx);
        }

        if (w.NeedsGradient)
        {
            var (dw, beta) = w.Contribute();
            backend.Gemm(true, false, 1, x.Value, dy, beta, dw);
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
