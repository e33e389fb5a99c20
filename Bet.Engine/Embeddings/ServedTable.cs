using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Embeddings;

/// <summary>The rows of a packed side as a server reads them, of whatever kind it is: what is ranked with, never trained.</summary>
public sealed class ServedTable : EmbeddingTable
{
    private readonly PackedSide side;
    private readonly Tensor values;

    /// <param name="backend">Where it is ranked.</param>
    /// <param name="name">"users" or "items".</param>
    /// <param name="side">The rows.</param>
    /// <param name="width">Columns handed out; at least the largest size in use.</param>
    public ServedTable(Backend backend, string name, PackedSide side, int width)
    {
        (Name, this.side, Width) = (name, side, width);
        values = backend.Allocate(side.Rows, width);
        backend.Upload(side.Unpack(width), values);
    }

    public override string Name { get; }

    public override int Rows => side.Rows;

    public override int Width { get; }

    public override IReadOnlyList<Parameter> Parameters => [];

    public override long ServingBytes => side.ServingBytes;

    public override Variable AllRows(Tape tape) => tape.Constant(values);

    public override void Initialise(Philox random, float deviation) =>
        throw new NotSupportedException($"{Name}: a served table is not trained");

    public override PackedSide Pack() => side;

    public override void Dispose() => values.Dispose();
}
