using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// Y [n m, h] with row i m + j = x_i + z_j, of X [n, h] and Z [m, h]. Gradients: dx_i = the sum over j of
    /// dy_(i m + j), dz_j = the sum over i of it.
    /// </summary>
    public Variable PairSums(Variable x, Variable z) => Next<PairSumsVariable>().Record(x, z);

    /// <summary>Y [n, count] = these columns of X [n, d]. Gradient: dY in these columns of dX, 0 in the others.</summary>
    public Variable Columns(Variable x, ColumnRange columns) => Next<ColumnsVariable>().Record(x, columns);

    /// <summary>
    /// Y [rows, columns] = the values of X [n, d] in their order, n d = rows columns. Gradient: dY in its order, likewise.
    /// </summary>
    public Variable Reshape(Variable x, int rows, int columns) => Next<ReshapeVariable>().Record(x, rows, columns);

    private sealed class PairSumsVariable : Variable
    {
        private Variable x = null!;
        private Variable z = null!;
        private Tensor? unused;

        public PairSumsVariable Record(Variable x, Variable z)
        {
            (this.x, this.z) = (x, z);
            NeedsGradient = x.NeedsGradient || z.NeedsGradient;
            Backend.PairSums(x.Value, z.Value, Result(checked(x.Value.Rows * z.Value.Rows), x.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            var (dx, betaX) = ContributeTo(x);
            var (dz, betaZ) = ContributeTo(z);
            Backend.PairSumsGradient(Gradient, betaX, dx, betaZ, dz);
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

    private sealed class ColumnsVariable : Variable
    {
        private ColumnRange columns;
        private Variable x = null!;

        public ColumnsVariable Record(Variable x, ColumnRange columns)
        {
            (this.x, this.columns) = (x, columns);
            NeedsGradient = x.NeedsGradient;
            Backend.CopyColumns(
                x.Value, columns, Result(x.Value.Rows, columns.Count), new(0, columns.Count), accumulate: false);
            return this;
        }

        internal override void Backward() => Backend.CopyColumns(
            Gradient, new(0, columns.Count), x.ContributeByAdding(), columns, accumulate: true);
    }

    private sealed class ReshapeVariable : Variable
    {
        private Variable x = null!;

        public ReshapeVariable Record(Variable x, int rows, int columns)
        {
            this.x = x;
            NeedsGradient = x.NeedsGradient;
            Backend.Reshape(x.Value, 0, Result(rows, columns));
            return this;
        }

        internal override void Backward()
        {
            var (dx, beta) = x.Contribute();
            Backend.Reshape(Gradient, beta, dx);
        }
    }
}
