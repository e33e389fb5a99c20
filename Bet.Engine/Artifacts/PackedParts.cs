using Bet.Engine.Embeddings;

namespace Bet.Engine.Artifacts;

/// <summary>A side whose rows are composed of matrices; each is a float32 tensor.</summary>
public sealed class PackedParts : PackedSide
{
    private readonly ComposedShape shape;
    private readonly float[][] parts;

    /// <param name="shape">Which matrices, and how rows are composed of them.</param>
    /// <param name="parts">Their values, row-major.</param>
    /// <exception cref="ArgumentException">The matrices are not those that the shape asks for.</exception>
    public PackedParts(ComposedShape shape, float[][] parts) : base(shape)
    {
        if (!shape.Parts.Select(part => (long)part.Rows * part.Columns).SequenceEqual(parts.Select(part => part.LongLength)))
            throw new ArgumentException($"{string.Join(", ", parts.Select(part => part.Length))} values are not {string.Join(", ", shape.Parts)}");
        (this.shape, this.parts) = (shape, parts);
    }

    public override IReadOnlyList<TensorContent> Tensors(string side) =>
        [.. shape.Parts.Zip(parts, (part, values) => TensorContent.From($"{side}.{part.Name}", values, part.Rows, part.Columns))];

    public override int SizeOf(int row) => shape.MaximumSize;

    /// <summary>Reads the matrices of a shape that their tensors gave.</summary>
    /// <exception cref="InvalidDataException">A matrix is missing or of another shape.</exception>
    internal static PackedParts Read(SideSource source, ComposedShape shape)
    {
        foreach (var part in shape.Parts)
        {
            if (source.ShapeOf(part.Name) != (part.Rows, part.Columns) || part.Columns < 1 || (part.Rows < 1 && source.Rows > 0))
                throw new InvalidDataException($"{source.Name}.{part.Name} is {source.ShapeOf(part.Name)}, ({part.Rows}, {part.Columns}) is needed");
        }

        return new PackedParts(shape, [.. shape.Parts.Select(part => source.Read<float>(part.Name))]);
    }

    private protected override void Read(int row, Span<float> destination) => shape.Compose(row, parts, destination);

    private protected override bool HasSameValues(PackedSide other) =>
        parts.Zip(((PackedParts)other).parts, (mine, theirs) => mine.AsSpan().SequenceEqual(theirs)).All(same => same);
}
