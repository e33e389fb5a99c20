using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Embeddings;

/// <summary>A matrix that rows are composed of.</summary>
/// <param name="Name">Of its tensor: "users.NAME".</param>
public sealed record Part(string Name, int Rows, int Columns);

/// <summary>A side whose rows, all of d_max values, are composed of a few matrices in float32.</summary>
public abstract record ComposedShape : SideShape
{
    private protected ComposedShape(string kind, int rows, int maximumSize) =>
        (Kind, Rows, MaximumSize) = (kind, rows, maximumSize);

    public sealed override string Kind { get; }

    public sealed override int Rows { get; }

    public sealed override int MaximumSize { get; }

    public sealed override int Width => MaximumSize;

    public sealed override long Values => Parts.Sum(part => (long)part.Rows * part.Columns);

    public sealed override long Bytes => Values * sizeof(float);

    /// <summary>The published methods' float32.</summary>
    public sealed override Precision Precision { get; init; } = Precision.Float32;

    /// <summary>The matrices; sizes of them follow from those of their tensors in a file.</summary>
    public abstract IReadOnlyList<Part> Parts { get; }

    /// <summary>Writes a row, as a server reads it.</summary>
    /// <param name="row">The entity.</param>
    /// <param name="parts">The matrices' values, row-major.</param>
    /// <param name="result">[d_max].</param>
    public abstract void Compose(int row, IReadOnlyList<float[]> parts, Span<float> result);
}

/// <summary>A table of a <see cref="ComposedShape"/>: its matrices are trained, and its rows are recorded from them.</summary>
public abstract class ComposedTable : EmbeddingTable
{
    private readonly ComposedShape shape;
    private readonly Parameter[] parts;

    private protected ComposedTable(Backend backend, string name, ComposedShape shape, int width)
    {
        if (width != shape.MaximumSize)
            throw new ArgumentException($"{name}: rows of {shape.MaximumSize} values have no width of {width}");
        (Backend, Name, this.shape) = (backend, name, shape);
        parts = [.. shape.Parts.Select(part => new Parameter(backend, $"{name}.{part.Name}", part.Rows, part.Columns))];
    }

    public override string Name { get; }

    public override int Rows => shape.Rows;

    public override int Width => shape.MaximumSize;

    public override IReadOnlyList<Parameter> Parameters => parts;

    public override long ServingBytes => shape.Bytes;

    private protected Backend Backend { get; }

    public override Variable AllRows(Tape tape) => tape.Once(this, static (table, on) => table.Compose(on));

    public override PackedSide Pack() => new PackedParts(shape, [.. parts.Select(part => Download(Backend, part.Value))]);

    /// <summary>Records all rows, [Rows, Width].</summary>
    private protected abstract Variable Compose(Tape tape);

    /// <summary>Every matrix with normal values of mean 0 and this standard deviation, each from numbers of its own.</summary>
    private protected void FillNormal(Philox random, float deviation)
    {
        // Users' numbers come from an even stream and items' from the odd one after it.
        for (int i = 0; i < parts.Length; i++)
            Backend.FillNormal(random.Further(2 * (uint)i), deviation, parts[i].Value);
    }

    /// <summary>For every row the number that says which row of a matrix it takes.</summary>
    private protected Ids Upload(Func<int, int> rowOf)
    {
        var ids = Backend.AllocateIds(Rows);
        Backend.Upload([.. Enumerable.Range(0, Rows).Select(rowOf)], ids);
        return ids;
    }
}
