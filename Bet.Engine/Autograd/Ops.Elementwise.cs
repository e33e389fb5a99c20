namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>Y = X where X is positive, slope X elsewhere. Gradient: dX = dY or slope dY, likewise.</summary>
    public Variable LeakyRelu(float slope, Variable x) => Next<LeakyReluVariable>().Record(slope, x);

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
}
