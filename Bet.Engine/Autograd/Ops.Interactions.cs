using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// Y [b, n (n - 1) / 2] = the inner products of all pairs j &lt; k of the n blocks of <paramref name="size"/> columns of
    /// X [b, n size]. Gradient: dx_j = the sum over the other blocks k of their pair's dy times x_k, row by row.
    /// </summary>
    public Variable PairwiseDots(int size, Variable x) => Next<PairwiseDotsVariable>().Record(size, x);

    /// <summary>
    /// A cross layer: y_i = (x_i . w) first_i + bias + x_i with first and X [b, m], w [m, 1], bias [1, m]. Gradients, with
    /// t_i = dy_i . first_i: dfirst_i = (x_i . w) dy_i, dx_i = dy_i + t_i w, dw = the sum over i of t_i x_i, dbias = that of dy_i.
    /// </summary>
    public Variable CrossLayer(Variable first, Variable x, Variable w, Variable bias) =>
        Next<CrossLayerVariable>().Record(first, x, w, bias);

    private sealed class PairwiseDotsVariable : Variable
    {
        private int size;
        private Variable x = null!;

        public PairwiseDotsVariable Record(int size, Variable x)
        {
            (this.size, this.x) = (size, x);
            NeedsGradient = x.NeedsGradient;
            int blocks = x.Value.Columns / size;
            Backend.PairwiseDots(size, x.Value, Result(x.Value.Rows, blocks * (blocks - 1) / 2));
            return this;
        }

        internal override void Backward()
        {
            var (dx, beta) = x.Contribute();
            Backend.PairwiseDotsGradient(size, x.Value, Gradient, beta, dx);
        }
    }

    /// <summary>One kernel gives all four gradients; that of an input that needs none goes nowhere.</summary>
    private sealed class CrossLayerVariable : Variable
    {
        private Variable first = null!;
        private Variable x = null!;
        private Variable w = null!;
        private Variable bias = null!;
        private Tensor? dots;
        private Tensor? unused;
        private Tensor? unusedWeight;
        private Tensor? unusedBias;

        public CrossLayerVariable Record(Variable first, Variable x, Variable w, Variable bias)
        {
            (this.first, this.x, this.w, this.bias) = (first, x, w, bias);
            NeedsGradient = first.NeedsGradient || x.NeedsGradient || w.NeedsGradient || bias.NeedsGradient;
            int rows = x.Value.Rows;
            Backend.CrossLayer(
                first.Value, x.Value, w.Value, bias.Value, Reuse(ref dots, rows, 1), Result(rows, x.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            var dfirst = ContributeTo(first, ref unused);
            var dx = ContributeTo(x, ref unused);
            var dw = ContributeTo(w, ref unusedWeight);
            var dbias = ContributeTo(bias, ref unusedBias);
            Backend.CrossLayerGradient(first.Value, x.Value, w.Value, dots!, Gradient, dfirst, dx, dw, dbias);
        }

        internal override void Release()
        {
            base.Release();
            Return(ref dots);
            Return(ref unused);
            Return(ref unusedWeight);
            Return(ref unusedBias);
        }

        private (Tensor Gradient, float Beta) ContributeTo(Variable input, ref Tensor? unusedGradient) =>
            input.NeedsGradient
                ? input.Contribute()
                : (Reuse(ref unusedGradient, input.Value.Rows, input.Value.Columns), 0);
    }
}
