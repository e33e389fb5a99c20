using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// Row i of Y [n, d] = row <c>rows[i]</c> of X [m, d]. Gradient: dX[rows[i]] += dY[i]. However often the same rows of
    /// the same values are asked for in a step, they are one variable.
    /// </summary>
    public Variable GatherRows(Variable x, Ids rows)
    {
        if (!gathered.TryGetValue((x, rows), out var variable))
            gathered[(x, rows)] = variable = Next<GatherRowsVariable>().Record(x, rows);
        return variable;
    }

    /// <summary>Y = X [n, d] + bias [1, d] in every row. Gradients: dX = dY, dbias = the column sums of dY.</summary>
    public Variable AddBias(Variable x, Variable bias) => Next<AddBiasVariable>().Record(x, bias);

    /// <summary>Y [n, a + b] = the columns of X [n, a], then those of Z [n, b]. Gradients: dY's columns, likewise.</summary>
    public Variable ConcatenateColumns(Variable x, Variable z) => Next<ConcatenateColumnsVariable>().Record(x, z);

    /// <summary>
    /// y_i = x_i / max(|x_i|, 1e-12), X and Y [n, d]. Gradient: dx_i = (dy_i - (dy_i . y_i) y_i) / max(|x_i|, 1e-12).
    /// </summary>
    public Variable NormaliseRows(Variable x) => Next<NormaliseRowsVariable>().Record(x);

    /// <summary>y_i = x_i / (1 - rate), or 0 where the stream drops row i. Gradient: the same of dY.</summary>
    public Variable DropRows(Philox random, float rate, Variable x) => Next<DropRowsVariable>().Record(random, rate, x);

    /// <summary>
    /// The rows of X as a table of that precision serves them. Gradient: dX = dY, straight through the rounding (Bengio,
    /// Leonard and Courville 2013). However often it is asked for in a step, it is one variable.
    /// </summary>
    public Variable QuantiseRows(Variable x, Precision precision)
    {
        if (!quantised.TryGetValue((x, precision), out var variable))
            quantised[(x, precision)] = variable = Next<QuantiseRowsVariable>().Record(x, precision);
        return variable;
    }

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
            Backend.CopyColumns(x.Value, new(0, left), y, new(0, left), accumulate: false);
            Backend.CopyColumns(z.Value, new(0, right), y, new(left, right), accumulate: false);
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
            int count = input.Value.Columns;
            Backend.CopyColumns(Gradient, new(firstColumn, count), target, new(0, count), accumulate: beta != 0);
        }
    }

    private sealed class NormaliseRowsVariable : Variable
    {
        private Variable x = null!;
        private Tensor? norms;

        public NormaliseRowsVariable Record(Variable x)
        {
            this.x = x;
            NeedsGradient = x.NeedsGradient;
            int rows = x.Value.Rows;
            Backend.NormaliseRows(x.Value, Reuse(ref norms, rows, 1), Result(rows, x.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            var (dx, beta) = x.Contribute();
            Backend.NormaliseRowsGradient(Value, norms!, Gradient, beta, dx);
        }

        internal override void Release()
        {
            base.Release();
            Return(ref norms);
        }
    }

    private sealed class DropRowsVariable : Variable
    {
        private Philox random;
        private float rate;
        private Variable x = null!;

        public DropRowsVariable Record(Philox random, float rate, Variable x)
        {
            (this.random, this.rate, this.x) = (random, rate, x);
            NeedsGradient = x.NeedsGradient;
            Backend.DropRows(random, rate, x.Value, 0, Result(x.Value.Rows, x.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            var (dx, beta) = x.Contribute();
            Backend.DropRows(random, rate, Gradient, beta, dx);
        }
    }

    private sealed class QuantiseRowsVariable : Variable
    {
        private Variable x = null!;

        public QuantiseRowsVariable Record(Variable x, Precision precision)
        {
            this.x = x;
            NeedsGradient = x.NeedsGradient;
            RowSizes = x.RowSizes;
            Backend.QuantiseRows(precision, x.RowSizes, x.Value, Result(x.Value.Rows, x.Value.Columns));
            return this;
        }

        internal override void Backward()
        {
            var (dx, beta) = x.Contribute();
            Backend.Axpby(1, Gradient, beta, dx);
        }
    }
}
