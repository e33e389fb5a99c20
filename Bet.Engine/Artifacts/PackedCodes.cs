using Bet.Engine.Embeddings;

namespace Bet.Engine.Artifacts;

/// <summary>
/// A product quantised side: <c>codes</c>, the rows' codes one after the other, several a byte where they have fewer than
/// eight bits, the first in the lowest; and <c>centroids</c> [2^b, d_max]. Value j of a row is <c>centroids[c, j]</c> with c
/// the row's code of subspace j mod m. Metadata: <c>subspaces</c>, m.
/// </summary>
public sealed class PackedCodes : PackedSide
{
    private readonly ProductQuantisedShape shape;
    private readonly byte[] codes;
    private readonly float[] centroids;

    private PackedCodes(ProductQuantisedShape shape, byte[] codes, float[] centroids) : base(shape) =>
        (this.shape, this.codes, this.centroids) = (shape, codes, centroids);

    /// <summary>Packs codes, a byte each [rows, subspaces], beside their centroids [2^b, d_max].</summary>
    public static PackedCodes Pack(ProductQuantisedShape shape, ReadOnlySpan<byte> codes, float[] centroids)
    {
        var packed = new byte[shape.CodeBytes];
        for (int i = 0; i < codes.Length; i++)
            packed[(long)i * shape.Bits / 8] |= (byte)(codes[i] << (int)((long)i * shape.Bits % 8));
        return new PackedCodes(shape, packed, centroids);
    }

    public override IReadOnlyList<TensorContent> Tensors(string side) =>
    [
        TensorContent.From($"{side}.codes", codes, codes.Length),
        TensorContent.From($"{side}.centroids", centroids, shape.Centroids, shape.MaximumSize),
    ];

    public override IReadOnlyList<(string Name, long Number)> Numbers => [("subspaces", shape.Subspaces)];

    public override int SizeOf(int row) => shape.MaximumSize;

    /// <summary>Reads a side.</summary>
    /// <exception cref="InvalidDataException">The codes are not as many as rows and centroids ask for.</exception>
    internal static PackedCodes Read(SideSource source)
    {
        string side = source.Name;
        var (count, columns) = source.ShapeOf("centroids");
        int bits = count switch { 2 => 1, 4 => 2, 16 => 4, 256 => 8, _ => 0 };
        if (bits == 0 || columns != source.MaximumSize)
            throw new InvalidDataException($"{side}.centroids is [{count}, {columns}], [2, 4, 16 or 256, {source.MaximumSize}] is needed");
        byte[] codes = source.Read<byte>("codes");
        long subspaces = source.Number("subspaces");
        if (subspaces < 1 || subspaces > columns)
            throw new InvalidDataException($"{side}.subspaces is {subspaces}, it is at least 1 and at most {columns}");
        var shape = new ProductQuantisedShape(source.Rows, columns, (int)subspaces, bits);
        if (shape.CodeBytes != codes.Length)
            throw new InvalidDataException($"{side}.codes has {codes.Length} bytes, {source.Rows} rows of {subspaces} codes of {bits} bits need {shape.CodeBytes}");
        return new PackedCodes(shape, codes, source.Read<float>("centroids"));
    }

    private protected override void Read(int row, Span<float> destination)
    {
        long first = (long)row * shape.Subspaces;
        for (int column = 0; column < destination.Length; column++)
        {
            long at = (first + (column % shape.Subspaces)) * shape.Bits;
            int code = (codes[at / 8] >> (int)(at % 8)) & (shape.Centroids - 1);
            destination[column] = centroids[(code * shape.MaximumSize) + column];
        }
    }

    private protected override bool HasSameValues(PackedSide other) =>
        codes.AsSpan().SequenceEqual(((PackedCodes)other).codes) && centroids.AsSpan().SequenceEqual(((PackedCodes)other).centroids);
}
