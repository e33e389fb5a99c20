using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Backbones;

/// <summary>
/// What the users, or the items, of a step are represented by: parts that stand side by side in a row. A step needs the
/// batch's rows alone, so parts are normalised and put together after those were taken.
/// </summary>
public sealed class Representation
{
    private readonly List<(Variable Values, bool Normalised)> parts = [];

    /// <summary>Adds a part on the right.</summary>
    /// <param name="values">Of all rows, [rows, width].</param>
    /// <param name="normalised">Whether a row counts divided by its norm.</param>
    public void Add(Variable values, bool normalised = false) => parts.Add((values, normalised));

    internal void Clear() => parts.Clear();

    /// <summary>The rows with these numbers, or all of them, [rows, sum of the widths].</summary>
    internal Variable Rows(Tape tape, Ids? numbers)
    {
        Variable? whole = null;
        foreach (var (values, normalised) in parts)
        {
            var rows = numbers is null ? values : tape.GatherRows(values, numbers);
            rows = normalised ? tape.NormaliseRows(rows) : rows;
            whole = whole is null ? rows : tape.ConcatenateColumns(whole, rows);
        }

        return whole ?? throw new InvalidOperationException("a representation has at least one part");
    }
}
