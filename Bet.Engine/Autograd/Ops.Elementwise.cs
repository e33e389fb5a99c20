using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>Y = X where X is positive, slope X elsewhere. Gradient: dX = dY or slope dY, likewise.</summary>
    public Variable LeakyRelu(float slope, Variable x) => Next<LeakyReluVariable>().Record(slope, x);

    /// <summary>Y = X Z value by value, all [n, d]. Gradients: dX = dY Z, dZ = dY X, likewise.</summary>
    public Variable Multiply(Variable x, Variable z) => Next<MultiplyVariable>().Record(x, z);

    /// <summary>Y = alpha X + beta Z, all [n, d]. Gradients: dX = alpha dY, dZ = beta dY.</summary>
    public Variable Add(float alpha, Variable x, float beta, Variable z) =>
        Next<AddVariable>().Record(alpha, x, beta, z);

    /// <summary>
    /// Y = X / (1 - rate), or 0 where the stream drops the value. Gradient: dX = dY / (1 - rate), or 0, likewise.
    /// </summary>
    public Variable Dropout(Philox random, float rate, Variable x) => Next<DropoutVariable>().Record(random, rate, x);

    private sealed class LeakyReluVariable : Variable
    {
        private float slope;
        private Variable x = null!;

        public LeakyReluVariable Record(float slope, Variable x)
        {
            (this.slope, this.x) = (slope, x);
            NeedsGradient = x.NeedsGradient;
            Backend.LeakyRelu(slope, x.Value, Result(x.Value.Rows, x.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            var (dx, beta) = x.Contribute();
            Backend.LeakyReluGradient(slope, x.Value, Gradient, beta, dx);
        }
    }

    private sealed class MultiplyVariable : Variable
    {
        private Variable x = null!;
        private Variable z = null!;

        public MultiplyVariable Record(Variable x, Variable z)
        {
            (this.x, this.z) = (x, z);
            NeedsGradient = x.NeedsGradient || z.NeedsGradient;
            Backend.Multiply(1, x.Value, z.Value, 0, Result(x.Value.Rows, x.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            if (x.NeedsGradient)
            {
                var (dx, beta) = x.Contribute();
                Backend.Multiply(1, Gradient, z.Value, beta, dx);
            }

            if (z.NeedsGradient)
            {
                var (dz, beta) = z.Contribute();
                Backend.Multiply(1, Gradient, x.Value, beta, dz);
            }
        }
    }

    private sealed class AddVariable : Variable
    {
        private float alpha;
        private float beta;
        private Variable x = null!;
        private Variable z = null!;

        public AddVariable Record(float alpha, Variable x, float beta, Variable z)
        {
            (this.alpha, this.x, this.beta, this.z) = (alpha, x, beta, z);
            NeedsGradient = x.NeedsGradient || z.NeedsGradient;
            var y = Result(x.Value.Rows, x.Value.Columns);
            Backend.Axpby(alpha, x.Value, 0, y);
            Backend.Axpby(beta, z.Value, 1, y);
            return this;
        }

        internal override void Backward()
        {
            AddTo(x, alpha);
            AddTo(z, beta);
        }

        private void AddTo(Variable input, float scale)
        {
            if (!input.NeedsGradient)
                return;
            var (target, targetBeta) = input.Contribute();
            Backend.Axpby(scale, Gradient, targetBeta, target);
        }
    }

    private sealed class DropoutVariable : Variable
    {
        private Philox random;
        private float rate;
        private Variable x = null!;

        public DropoutVariable Record(Philox random, float rate, Variable x)
        {
            (this.random, this.rate, this.x) = (random, rate, x);
            NeedsGradient = x.NeedsGradient;
            Backend.Dropout(random, rate, x.Value, 0, Result(x.Value.Rows, x.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            var (dx, beta) = x.Contribute();
            Backend.Dropout(random, rate, Gradient, beta, dx);
        }
    }
}
