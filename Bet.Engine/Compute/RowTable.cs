namespace Bet.Engine.Compute;

/// <summary>
/// A trained table whose rows are updated one by one: a row that a batch does not touch is neither read nor written, and no
/// gradient of the whole table exists. What an optimiser keeps beside the values has their shape.
/// </summary>
public sealed class RowTable : IDisposable
{
    private readonly Tensor[] states;

    /// <param name="backend">Where it is kept.</param>
    /// <param name="name">Of its tensor in files.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Values of a row.</param>
    /// <param name="optimiser">Decides how many states there are; all begin with zero.</param>
    public RowTable(Backend backend, string name, int rows, int columns, Optimiser optimiser)
    {
        Name = name;
        Value = backend.Allocate(rows, columns);
        states = [.. Enumerable.Range(0, optimiser.StateCount()).Select(_ => backend.Allocate(rows, columns))];
    }

    public string Name { get; }

    /// <summary>[rows, columns].</summary>
    public Tensor Value { get; }

    /// <summary>What the optimiser keeps, each [rows, columns], in the order that <see cref="Optimiser"/> gives.</summary>
    public IReadOnlyList<Tensor> States => states;

    public void Dispose()
    {
        Value.Dispose();
        foreach (var state in states)
            state.Dispose();
    }
}
