using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// Bayesian personalised ranking: the mean over i of softplus(-(u_i . p_i - u_i . n_i)), all [b, d].
    /// With s = sigmoid(-(u . p - u . n)) / b: du = s (n - p), dp = -s u, dn = s u.
    /// </summary>
    public LossVariable BprLoss(Variable users, Variable positives, Variable negatives) =>
        Add(Next<BprLossVariable>().Record(users, positives, negatives));

    /// <summary>weight times the sum of squares of x [n, d]. Gradient: 2 weight x.</summary>
    public LossVariable SquaredNorm(float weight, Variable x) => Add(Next<SquaredNormVariable>().Record(weight, x));

    /// <summary>Mean of (y - target)^2, both [n, 1]. Gradient: 2 (y - target) / n.</summary>
    public LossVariable MeanSquaredError(Variable y, Tensor target) =>
        Add(Next<MeanSquaredErrorVariable>().Record(y, target));

    private sealed class BprLossVariable : LossVariable
    {
        private Variable users = null!;
        private Variable positives = null!;
        private Variable negatives = null!;
        private Tensor? du;
        private Tensor? dp;
        private Tensor? dn;

        public BprLossVariable Record(Variable users, Variable positives, Variable negatives)
        {
            (this.users, this.positives, this.negatives) = (users, positives, negatives);
            int rows = users.Value.Rows, columns = users.Value.Columns;
            Loss = Backend.BprLoss(
                1, users.Value, positives.Value, negatives.Value,
                Reuse(ref du, rows, columns), Reuse(ref dp, rows, columns), Reuse(ref dn, rows, columns));
            return this;
        }

        internal override void Backward()
        {
            AddTo(users, du!);
            AddTo(positives, dp!);
            AddTo(negatives, dn!);
        }

        internal override void Release()
        {
            base.Release();
            Return(ref du);
            Return(ref dp);
            Return(ref dn);
        }

        private void AddTo(Variable input, Tensor gradient)
        {
            if (!input.NeedsGradient)
                return;
            var (target, beta) = input.Contribute();
            Backend.Axpby(1, gradient, beta, target);
        }
    }

    /// <summary>The gradient is proportional to x, which is still there in the backward pass: nothing is kept.</summary>
    private sealed class SquaredNormVariable : LossVariable
    {
        private float weight;
        private Variable x = null!;
        private Tensor? gradient;

        public SquaredNormVariable Record(float weight, Variable x)
        {
            (this.weight, this.x) = (weight, x);
            Loss = Backend.SquaredNorm(weight, x.Value, 0, Reuse(ref gradient, x.Value.Rows, x.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            if (!x.NeedsGradient)
                return;
            var (dx, beta) = x.Contribute();
            Backend.Axpby(2 * weight, x.Value, beta, dx);
        }

        internal override void Release()
        {
            base.Release();
            Return(ref gradient);
        }
    }

    private sealed class MeanSquaredErrorVariable : LossVariable
    {
        private Variable y = null!;
        private Tensor? dy;

        public MeanSquaredErrorVariable Record(Variable y, Tensor target)
        {
            this.y = y;
            Loss = Backend.MeanSquaredError(y.Value, target, Reuse(ref dy, y.Value.Rows, y.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            if (!y.NeedsGradient)
                return;
            var (target, beta) = y.Contribute();
            Backend.Axpby(1, dy!, beta, target);
        }

        internal override void Release()
        {
            base.Release();
            Return(ref dy);
        }
    }
}
