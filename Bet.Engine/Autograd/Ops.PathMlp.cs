using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// Row i of Y [n, w] = b_i + W_i' relu(V_i x_i + a_i), of X [n, w] and weights [n, 2hw + h + w], whose row i holds V_i [h, w],
    /// a_i [h], W_i [h, w], b_i [w]. Gradients: see <see cref="Backend.PathMlpGradient"/>.
    /// </summary>
    public Variable PathMlp(Variable x, Variable weights) => Next<PathMlpVariable>().Record(x, weights);

    private sealed class PathMlpVariable : Variable
    {
        private Variable x = null!;
        private Variable weights = null!;
        private Tensor? unused;

        public PathMlpVariable Record(Variable x, Variable weights)
        {
            (this.x, this.weights) = (x, weights);
            NeedsGradient = x.NeedsGradient || weights.NeedsGradient;
            Backend.PathMlp(x.Value, weights.Value, Result(x.Value.Rows, x.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            var (dx, betaX) = ContributeTo(x);
            var (dWeights, betaWeights) = ContributeTo(weights);
            Backend.PathMlpGradient(x.Value, weights.Value, Gradient, betaX, dx, betaWeights, dWeights);
        }

        internal override void Release()
        {
            base.Release();
            Return(ref unused);
        }

        /// <summary>One kernel gives both gradients; that of an input that needs none goes nowhere.</summary>
        private (Tensor Gradient, float Beta) ContributeTo(Variable input) =>
            input.NeedsGradient
                ? input.Contribute()
                : (Reuse(ref unused, input.Value.Rows, input.Value.Columns), 0);
    }
}
