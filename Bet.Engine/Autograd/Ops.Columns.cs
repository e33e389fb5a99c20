using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

/// <summary>Columns of a value.</summary>
public readonly record struct ColumnsOf(Variable Values, ColumnRange Columns);

public sealed partial class Tape
{
    /// <summary>Y [n, ...] = columns of several values of n rows, side by side. Gradients: dY's columns, added to those they are of.</summary>
    /// <param name="parts">At least one; not kept.</param>
    public Variable ConcatenateColumns(IReadOnlyList<ColumnsOf> parts) => Next<ConcatenateManyVariable>().Record(parts);

    private sealed class ConcatenateManyVariable : Variable
    {
        private readonly List<ColumnsOf> parts = [];

        public ConcatenateManyVariable Record(IReadOnlyList<ColumnsOf> given)
        {
            parts.Clear();
            int width = 0;
            for (int i = 0; i < given.Count; i++)
            {
                parts.Add(given[i]);
                width += given[i].Columns.Count;
                NeedsGradient |= given[i].Values.NeedsGradient;
            }

            var y = Result(given[0].Values.Value.Rows, width);
            int at = 0;
            foreach (var (values, columns) in parts)
            {
                Backend.CopyColumns(values.Value, columns, y, new(at, columns.Count), accumulate: false);
                at += columns.Count;
            }

            return this;
        }

        internal override void Backward()
        {
            int at = 0;
            foreach (var (values, columns) in parts)
            {
                if (values.NeedsGradient)
                    Backend.CopyColumns(Gradient, new(at, columns.Count), values.ContributeByAdding(), columns, accumulate: true);
                at += columns.Count;
            }
        }
    }
}
