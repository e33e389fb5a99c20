using Bet.Engine.Artifacts;
using Bet.Engine.Compute;

namespace Bet.Engine.Embeddings;

/// <summary>
/// Product quantisation (Jégou, Douze and Schmid, PAMI 2011) of a trained full table: columns are dealt out to m
/// subspaces, of each of which a row has a code of b bits, the number of its nearest among 2^b centroids. Column j belongs
/// to subspace j mod m: columns come in the order of what they are worth, and subspaces should be worth the same (Ge,
/// He, Ke and Sun, CVPR 2013).
/// </summary>
public sealed record ProductQuantisedShape : SideShape
{
    /// <param name="rows">Entities.</param>
    /// <param name="maximumSize">d_max.</param>
    /// <param name="subspaces">m, 1 to d_max.</param>
    /// <param name="bits">b, a divisor of 8.</param>
    public ProductQuantisedShape(int rows, int maximumSize, int subspaces, int bits) =>
        (Rows, MaximumSize, Subspaces, Bits) = (rows, maximumSize, subspaces, bits);

    public override string Kind => ProductQuantisation.KindName;

    public override int Rows { get; }

    public override int MaximumSize { get; }

    /// <summary>m, codes of a row.</summary>
    public int Subspaces { get; }

    /// <summary>b, bits of a code.</summary>
    public int Bits { get; }

    public override int Width => MaximumSize;

    /// <summary>Centroids of a subspace, 2^b.</summary>
    public int Centroids => 1 << Bits;

    /// <summary>Codes, and the centroids' values.</summary>
    public override long Values => Codes + BookValues;

    public override long Bytes => CodeBytes + (BookValues * sizeof(float));

    /// <summary>Codes of all rows.</summary>
    public long Codes => (long)Rows * Subspaces;

    /// <summary>Bytes of all codes, which follow one another without regard to rows.</summary>
    public long CodeBytes => ((Codes * Bits) + 7) / 8;

    /// <summary>Of the centroids.</summary>
    public override Precision Precision { get; init; } = Precision.Float32;

    public override bool IsTrainedAsServed => false;

    public override bool IsFullUntilPacked => true;

    /// <summary>Values of the code book, [2^b, d_max].</summary>
    private long BookValues => (long)Centroids * MaximumSize;

    public override EmbeddingTable Create(Backend backend, string name, int width) =>
        new ProductQuantisedTable(backend, name, this, width);
}

/// <summary>The full table while it is trained; its codes and centroids are found when it is packed.</summary>
public sealed class ProductQuantisedTable(Backend backend, string name, ProductQuantisedShape shape, int width)
    : FullTable(backend, name, shape.Rows, width)
{
    public override long ServingBytes => shape.Bytes;

    public override PackedSide Pack()
    {
        var (codes, centroids) = ProductQuantiser.Quantise(Values(), shape, Threads);
        return PackedCodes.Pack(shape, codes, centroids);
    }
}

/// <summary>
/// Codes of a byte, as published; of fewer bits where the centroids would take more than a quarter of the bytes. Then as
/// many codes a row as fit.
/// </summary>
public sealed class ProductQuantisation : Compressor
{
    internal const string KindName = "product-quantisation";

    /// <summary>What centroids may take of a side's bytes.</summary>
    private const int BookShare = 4;

    private static readonly int[] BitsOfCode = [8, 4, 2, 1];

    public override string Name => KindName;

    public override string Title => "product quantisation";

    public override SideShape Least(int rows, int maximumSize) => new ProductQuantisedShape(rows, maximumSize, 1, 1);

    public override SideShape Largest(int rows, int maximumSize, long bytes, long values)
    {
        ProductQuantisedShape[] possible =
        [
            .. BitsOfCode.Select(bits => Widest(rows, maximumSize, bits, bytes, values)).OfType<ProductQuantisedShape>(),
        ];
        return possible.FirstOrDefault(shape => BookShare * (shape.Bytes - shape.CodeBytes) <= bytes) ?? possible[^1];
    }

    public override PackedSide Read(SideSource source) => PackedCodes.Read(source);

    /// <summary>The most codes a row that fit beside 2^bits centroids; null where there is no room for one.</summary>
    private static ProductQuantisedShape? Widest(int rows, int maximumSize, int bits, long bytes, long values)
    {
        long book = (1L << bits) * maximumSize;
        long codes = Math.Min(values - book, 8 * (bytes - (book * sizeof(float))) / bits);
        long ofRow = rows == 0 ? maximumSize : Math.Min(maximumSize, codes / rows);
        return codes < 0 || ofRow < 1 ? null : new ProductQuantisedShape(rows, maximumSize, (int)ofRow, bits);
    }
}
