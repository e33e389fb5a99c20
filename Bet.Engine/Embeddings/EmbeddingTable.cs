using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Embeddings;

/// <summary>
/// One vector an entity, however it is stored. A backbone asks for rows on a tape and never knows more; a way to
/// store a table is one class.
/// </summary>
public abstract class EmbeddingTable : IDisposable
{
    /// <summary>What the rows are: "users", "items".</summary>
    public abstract string Name { get; }

    /// <summary>Number of entities.</summary>
    public abstract int Rows { get; }

    /// <summary>Columns of the rows that a backbone is handed.</summary>
    public abstract int Width { get; }

    /// <summary>What is trained.</summary>
    public abstract IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Bytes a server must hold to look up any row: values and whatever finds them.</summary>
    public abstract long ServingBytes { get; }

    /// <summary>All rows, [Rows, Width].</summary>
    public abstract Variable AllRows(Tape tape);

    /// <summary>Row <c>rows[i]</c> for every i, [rows.Count, Width].</summary>
    public virtual Variable SomeRows(Tape tape, Ids rows) => tape.GatherRows(AllRows(tape), rows);

    /// <summary>Rows of normal values of mean 0 and this standard deviation, from the given stream.</summary>
    public abstract void Initialise(Philox random, float deviation);

    /// <summary>Takes the first values of every row of a trained table whose rows are at least as long.</summary>
    /// <exception cref="NotSupportedException">The rows of this table have no values of their own.</exception>
    public virtual void TakePrefixes(PackedSide source) =>
        throw new NotSupportedException($"{Name}: rows that are made of shared values cannot be taken from another table's");

    /// <summary>What <see cref="TakePrefixes"/> sets, [stored rows, Width]; null where rows have no values of their own.</summary>
    internal virtual Tensor? OwnValues => null;

    /// <summary>The values as they are served: what a row does not have is gone.</summary>
    public abstract PackedSide Pack();

    private protected static float[] Download(Backend backend, Tensor tensor)
    {
        var values = new float[tensor.Length];
        backend.Download(tensor, values);
        return values;
    }

    public virtual void Dispose()
    {
        foreach (var parameter in Parameters)
            parameter.Dispose();
    }
}
