using Bet.Engine.Compute;

namespace Bet.Engine.Autograd;

/// <summary>
/// A trained tensor with its gradient and Adam's moments, all of the shape of <see cref="Value"/>. With
/// <see cref="RowSizes"/>, only the first <c>RowSizes[r]</c> values of row r exist: the others are zero and stay so.
/// </summary>
public sealed class Parameter : IDisposable
{
    public Parameter(Backend backend, string name, int rows, int columns, Ids? rowSizes = null)
    {
        Name = name;
        Value = backend.Allocate(rows, columns);
        Gradient = backend.Allocate(rows, columns);
        FirstMoment = backend.Allocate(rows, columns);
        SecondMoment = backend.Allocate(rows, columns);
        RowSizes = rowSizes;
    }

    public string Name { get; }

    public Tensor Value { get; }

    public Tensor Gradient { get; }

    public Tensor FirstMoment { get; }

    public Tensor SecondMoment { get; }

    /// <summary>
    /// int32 [rows], or null where every value exists; falling from row to row where the parameter itself is propagated.
    /// Owned by this parameter.
    /// </summary>
    public Ids? RowSizes { get; }

    public void Dispose()
    {
        Value.Dispose();
        Gradient.Dispose();
        FirstMoment.Dispose();
        SecondMoment.Dispose();
        RowSizes?.Dispose();
    }
}
