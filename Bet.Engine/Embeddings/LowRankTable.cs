using Bet.Engine.Artifacts;
using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Engine.Embeddings;

/// <summary>
/// A table of rank k: row r is <c>coefficients</c>[r] times <c>basis</c>, [rows, k] [k, d_max] (Eckart and Young 1936
/// give the best one for given rows; this one is trained). Training multiplies in float32; what is served, and evaluated,
/// is summed in double precision in the order of the rank and then rounded, which every reader can do alike.
/// </summary>
public sealed record LowRankShape : ComposedShape
{
    /// <param name="rows">Entities.</param>
    /// <param name="maximumSize">d_max.</param>
    /// <param name="rank">k, at least 1.</param>
    public LowRankShape(int rows, int maximumSize, int rank) : base(LowRank.KindName, rows, maximumSize) => Rank = rank;

    /// <summary>k.</summary>
    public int Rank { get; }

    public override bool IsTrainedAsServed => false;

    public override IReadOnlyList<Part> Parts => [new("coefficients", Rows, Rank), new("basis", Rank, MaximumSize)];

    public override EmbeddingTable Create(Backend backend, string name, int width) =>
        new LowRankTable(backend, name, this, width);

    public override void Compose(int row, IReadOnlyList<float[]> parts, Span<float> result)
    {
        var coefficients = parts[0].AsSpan(row * Rank, Rank);
        for (int column = 0; column < result.Length; column++)
        {
            double sum = 0;
            for (int k = 0; k < Rank; k++)
                sum += (double)coefficients[k] * parts[1][(k * MaximumSize) + column];
            result[column] = (float)sum;
        }
    }
}

/// <summary>The table of a <see cref="LowRankShape"/>.</summary>
public sealed class LowRankTable(Backend backend, string name, LowRankShape shape, int width)
    : ComposedTable(backend, name, shape, width)
{
    /// <summary>Both factors are drawn so that a row's values have the deviation asked for.</summary>
    public override void Initialise(Philox random, float deviation) =>
        FillNormal(random, MathF.Sqrt(deviation / MathF.Sqrt(shape.Rank)));

    private protected override Variable Compose(Tape tape) =>
        tape.MatMul(tape.Parameter(Parameters[0]), tape.Parameter(Parameters[1]));
}

/// <summary>The largest rank that fits.</summary>
public sealed class LowRank : Compressor
{
    internal const string KindName = "low-rank";

    public override string Name => KindName;

    public override string Title => "low rank";

    public override SideShape Least(int rows, int maximumSize) => new LowRankShape(rows, maximumSize, 1);

    public override SideShape Largest(int rows, int maximumSize, long bytes, long values) => new LowRankShape(
        rows, maximumSize, (int)Math.Min(maximumSize, Math.Min(bytes / sizeof(float), values) / ((long)rows + maximumSize)));

    public override PackedSide Read(SideSource source) => PackedParts.Read(
        source, new LowRankShape(source.Rows, source.MaximumSize, source.ShapeOf("coefficients").Columns));
}
