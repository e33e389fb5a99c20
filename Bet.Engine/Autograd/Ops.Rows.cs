using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>Row i of Y [n, d] = row <c>rows[i]</c> of X [m, d]. Gradient: dX[rows[i]] += dY[i].</summary>
    public Variable GatherRows(Variable x, Ids rows) => Next<GatherRowsVariable>().Record(x, rows);

    /// <summary>Y = X [n, d] + bias [1, d] in every row. Gradients: dX = dY, dbias = the column sums of dY.</summary>
    public Variable AddBias(Variable x, Variable bias) => Next<AddBiasVariable>().Record(x, bias);

    /// <summary>Y [n, a + b] = the columns of X [n, a], then those of Z [n, b]. Gradients: dY's columns, likewise.</summary>
    public Variable ConcatenateColumns(Variable x, Variable z) => Next<ConcatenateColumnsVariable>().Record(x, z);

    private sealed class GatherRowsVariable : Variable
    {
        private Variable x = null!;
        private Ids rows = null!;

        public GatherRowsVariable Record(Variable x, Ids rows)
        {
            (this.x, this.rows) = (x, rows);
            NeedsGradient = x.NeedsGradient;
            Backend.GatherRows(x.Value, rows, Result(rows.Count, x.Value.Columns));
            return this;
        }

        internal override void Backward() => Backend.ScatterAddRows(1, Gradient, rows, x.ContributeByAdding());
    }

    private sealed class AddBiasVariable : Variable
    {
        private Variable x = null!;
        private Variable bias = null!;

        public AddBiasVariable Record(Variable x, Variable bias)
        {
            (this.x, this.bias) = (x, bias);
            NeedsGradient = x.NeedsGradient || bias.NeedsGradient;
            var y = Result(x.Value.Rows, x.Value.Columns);
            Backend.Axpby(1, x.Value, 0, y);
            Backend.AddBias(bias.Value, y);
            return this;
        }

        internal override void Backward()
        {
            if (x.NeedsGradient)
            {
                var (dx, beta) = x.Contribute();
                Backend.Axpby(1, Gradient, beta, dx);
            }

            if (bias.NeedsGradient)
            {
                var (dbias, beta) = bias.Contribute();
                Backend.ColumnSums(1, Gradient, beta, dbias);
            }
        }
    }

    private sealed class ConcatenateColumnsVariable : Variable
    {
        private Variable x = null!;
        private Variable z = null!;

        public ConcatenateColumnsVariable Record(Variable x, Variable z)
        {
            (this.x, this.z) = (x, z);
            NeedsGradient = x.NeedsGradient || z.NeedsGradient;
            int left = x.Value.Columns, right = z.Value.Columns;
            var y = Result(x.Value.Rows, left + right);
            Backend.CopyColumns(x.Value, 0, y, 0, left, accumulate: false);
            Backend.CopyColumns(z.Value, 0, y, left, right, accumulate: false);
            return this;
        }

        internal override void Backward()
        {
            BackwardTo(x, 0);
            BackwardTo(z, x.Value.Columns);
        }

        private void BackwardTo(Variable input, int firstColumn)
        {
            if (!input.NeedsGradient)
                return;
            var (target, beta) = input.Contribute();
            Backend.CopyColumns(Gradient, firstColumn, target, 0, input.Value.Columns, accumulate: beta != 0);
        }
    }
}
