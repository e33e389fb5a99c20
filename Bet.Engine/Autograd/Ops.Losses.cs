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

    /// <summary>
    /// Sampled softmax over the scores of one positive [b, 1] and of its negatives [b, K]: the mean over the rows of
    /// -log(exp(p / t) / Z), Z = exp(p / t) + the sum over k of exp(n_k / t), t the temperature. Gradients:
    /// dn_k = exp(n_k / t) / (b t Z), dp = minus their sum. Of bits in <paramref name="owned"/>, [b, w] words, w at least
    /// ceil(K / 32), each leaves the negative of its place out of Z.
    /// </summary>
    public LossVariable SampledSoftmax(float temperature, Variable positives, Variable negatives, Ids? owned = null) =>
        Add(Next<SampledSoftmaxVariable>().Record(temperature, positives, negatives, owned));

    /// <summary>
    /// Logistic loss of scores z and labels y, both [b, 1]: the mean of softplus(z) - y z. Gradient: (sigmoid(z) - y) / b.
    /// </summary>
    public LossVariable LogisticLoss(Variable scores, Tensor labels) =>
        Add(Next<LogisticLossVariable>().Record(scores, labels));

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
            if (users.NeedsGradient)
                users.Contribute(ref du);
            if (positives.NeedsGradient)
                positives.Contribute(ref dp);
            if (negatives.NeedsGradient)
                negatives.Contribute(ref dn);
        }

        internal override void Release()
        {
            base.Release();
            Return(ref du);
            Return(ref dp);
            Return(ref dn);
        }
    }

    /// <summary>The gradient is proportional to x, which is still there in the backward pass: nothing is kept.</summary>
    private sealed class SquaredNormVariable : LossVariable
    {
        private float weight;
        private Variable x = null!;

        public SquaredNormVariable Record(float weight, Variable x)
        {
            (this.weight, this.x) = (weight, x);
            Loss = Backend.SquaredNorm(weight, x.Value);
            return this;
        }

        internal override void Backward()
        {
            if (!x.NeedsGradient)
                return;
            var (dx, beta) = x.Contribute();
            Backend.Axpby(2 * weight, x.Value, beta, dx);
        }
    }

    private sealed class LogisticLossVariable : LossVariable
    {
        private Variable scores = null!;
        private Tensor? dScores;

        public LogisticLossVariable Record(Variable scores, Tensor labels)
        {
            this.scores = scores;
            Loss = Backend.LogisticLoss(
                1, scores.Value, labels, Reuse(ref dScores, scores.Value.Rows, scores.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            if (scores.NeedsGradient)
                scores.Contribute(ref dScores);
        }

        internal override void Release()
        {
            base.Release();
            Return(ref dScores);
        }
    }

    private sealed class SampledSoftmaxVariable : LossVariable
    {
        private Variable positives = null!;
        private Variable negatives = null!;
        private Tensor? dPositives;
        private Tensor? dNegatives;

        public SampledSoftmaxVariable Record(float temperature, Variable positives, Variable negatives, Ids? owned)
        {
            (this.positives, this.negatives) = (positives, negatives);
            var (p, n) = (positives.Value, negatives.Value);
            Loss = Backend.SampledSoftmax(
                1, temperature, p, n, owned,
                Reuse(ref dPositives, p.Rows, p.Columns), Reuse(ref dNegatives, n.Rows, n.Columns));
            return this;
        }

        internal override void Backward()
        {
            if (positives.NeedsGradient)
                positives.Contribute(ref dPositives);
            if (negatives.NeedsGradient)
                negatives.Contribute(ref dNegatives);
        }

        internal override void Release()
        {
            base.Release();
            Return(ref dPositives);
            Return(ref dNegatives);
        }
    }
}
