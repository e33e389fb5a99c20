using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Embeddings;

/// <summary>
/// The hashing trick (Weinberger, Dasgupta, Langford, Smola and Attenberg, ICML 2009): entity r has row hash(r) of M
/// shared ones, <c>shared</c> [M, d_max]; entities of the same hash have the same row.
/// </summary>
public sealed record HashedShape : ComposedShape
{
    /// <param name="rows">Entities.</param>
    /// <param name="maximumSize">d_max.</param>
    /// <param name="shared">M, at least 1.</param>
    public HashedShape(int rows, int maximumSize, int shared) : base(Hashing.KindName, rows, maximumSize) => Shared = shared;

    /// <summary>M, rows that there are.</summary>
    public int Shared { get; }

    public override IReadOnlyList<Part> Parts => [new("shared", Shared, MaximumSize)];

    public override EmbeddingTable Create(Backend backend, string name, int width) =>
        new HashedTable(backend, name, this, width);

    public override void Compose(int row, IReadOnlyList<float[]> parts, Span<float> result) =>
        parts[0].AsSpan(SharedRowOf(row) * MaximumSize, MaximumSize).CopyTo(result);

    /// <summary>
    /// The high word of M times a 32-bit hash, the last steps of MurmurHash3 (Appleby): the same on every machine.
    /// </summary>
    public int SharedRowOf(int row)
    {
        uint hash = (uint)row;
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        hash ^= hash >> 16;
        return (int)(((ulong)hash * (uint)Shared) >> 32);
    }
}

/// <summary>The table of a <see cref="HashedShape"/>.</summary>
public sealed class HashedTable : ComposedTable
{
    private readonly Ids sharedRows;

    public HashedTable(Backend backend, string name, HashedShape shape, int width) : base(backend, name, shape, width) =>
        sharedRows = Upload(shape.SharedRowOf);

    public override void Initialise(Philox random, float deviation) => FillNormal(random, deviation);

    public override void Dispose()
    {
        base.Dispose();
        sharedRows.Dispose();
    }

    private protected override Variable Compose(Tape tape) => tape.GatherRows(tape.Parameter(Parameters[0]), sharedRows);
}

/// <summary>As many shared rows as fit, but no more than there are entities.</summary>
public sealed class Hashing : Compressor
{
    internal const string KindName = "hashing";

    public override string Name => KindName;

    public override string Title => "hashed rows";

    public override SideShape Least(int rows, int maximumSize) => new HashedShape(rows, maximumSize, 1);

    public override SideShape Largest(int rows, int maximumSize, long bytes, long values) => new HashedShape(
        rows, maximumSize, (int)Math.Min(Math.Max(1, rows), Math.Min(bytes / sizeof(float), values) / maximumSize));

    public override PackedSide Read(SideSource source) => PackedParts.Read(
        source, new HashedShape(source.Rows, source.MaximumSize, source.ShapeOf("shared").Rows));
}
