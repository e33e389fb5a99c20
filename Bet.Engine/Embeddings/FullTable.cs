using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Engine.Embeddings;

/// <summary>The ordinary table: every row has all its values, float32.</summary>
public class FullTable(Backend backend, string name, int rows, int width) : EmbeddingTable
{
    private readonly Parameter values = new(backend, name, rows, width);

    public override string Name => name;

    public override int Rows => rows;

    public override int Width => width;

    public override IReadOnlyList<Parameter> Parameters => [values];

    public override long ServingBytes => (long)rows * width * sizeof(float);

    public override Variable AllRows(Tape tape) => tape.Parameter(values);

    public override void Initialise(Philox random, float deviation) =>
        backend.FillNormal(random, deviation, values.Value);

    public override void TakePrefixes(PackedSide source) => backend.Upload(source.Unpack(width), values.Value);

    internal override Tensor? OwnValues => values.Value;

    public override PackedSide Pack() => PackedRows.Pack(Values(), width, SideSizes.Uniform(rows, width, width));

    /// <summary>Threads that may work for it.</summary>
    private protected int Threads => backend.Threads;

    /// <summary>The values as they are now, [rows, width], row-major.</summary>
    private protected float[] Values() => Download(backend, values.Value);
}
