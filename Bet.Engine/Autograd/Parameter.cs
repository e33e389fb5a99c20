using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

/// <summary>
/// A trained tensor with its gradient and what its optimiser keeps, all of the shape of <see cref="Value"/>. With
/// <see cref="RowSizes"/>, only the first <c>RowSizes[r]</c> values of row r exist: the others are zero and stay so.
/// </summary>
public sealed class Parameter(Backend backend, string name, int rows, int columns, Ids? rowSizes = null) : IDisposable
{
    private Tensor[]? states;
    private Optimiser optimiser;

    public string Name { get; } = name;

    public Tensor Value { get; } = backend.Allocate(rows, columns);

    public Tensor Gradient { get; } = backend.Allocate(rows, columns);

    /// <summary>
    /// int32 [rows], or null where every value exists; falling from row to row where the parameter itself is propagated.
    /// Owned by this parameter.
    /// </summary>
    public Ids? RowSizes { get; } = rowSizes;

    /// <summary>
    /// What the optimiser keeps beside the value, in the order that <see cref="Optimiser"/> gives. It is there, zero, from the
    /// first call on: a parameter that nobody trains holds none.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another optimiser was asked for before.</exception>
    public IReadOnlyList<Tensor> StatesOf(Optimiser kind)
    {
        if (states is null)
        {
            optimiser = kind;
            states = [.. Enumerable.Range(0, kind.StateCount()).Select(_ => backend.Allocate(Value.Rows, Value.Columns))];
        }

        return kind == optimiser
            ? states
            : throw new InvalidOperationException($"{Name} is trained by {optimiser}, not by {kind}");
    }

    public void Dispose()
    {
        Value.Dispose();
        Gradient.Dispose();
        foreach (var state in states ?? [])
            state.Dispose();
        RowSizes?.Dispose();
    }
}
