using Bet.Engine.Compute;

namespace Bet.Engine.Embeddings;

/// <summary>
/// How one side of a table is stored, before there are any values: what decides its bytes. A size for every row
/// (<see cref="Search.SideSizes"/>), or what a <see cref="Compressor"/> makes of it.
/// </summary>
public abstract record SideShape
{
    /// <summary>The name that files know it by: "prefix", or a compressor's.</summary>
    public abstract string Kind { get; }

    /// <summary>Entities of the side.</summary>
    public abstract int Rows { get; }

    /// <summary>d_max: values of a full row.</summary>
    public abstract int MaximumSize { get; }

    /// <summary>The most values that any row has.</summary>
    public abstract int Width { get; }

    /// <summary>Numbers that are stored, whole ones included; scales and index are not among them.</summary>
    public abstract long Values { get; }

    /// <summary>Bytes that a server must hold to look up any row.</summary>
    public abstract long Bytes { get; }

    /// <summary>How values are stored.</summary>
    public abstract Precision Precision { get; init; }

    /// <summary>
    /// Whether the rows that training and ranking see are those that are read from the packed side, bit for bit. Where
    /// they are not, the packed side is what is evaluated.
    /// </summary>
    public virtual bool IsTrainedAsServed => true;

    /// <summary>
    /// Whether its table is a full one until it is packed. Then a trained full table is compressed as it is, and nothing is
    /// trained anew.
    /// </summary>
    public virtual bool IsFullUntilPacked => false;

    /// <summary>Whether its rows can begin with the first values of a trained table's.</summary>
    public virtual bool TakesPrefixes => false;

    /// <summary>A table of this shape, all zero.</summary>
    /// <param name="backend">Where it is trained.</param>
    /// <param name="name">"users" or "items".</param>
    /// <param name="width">Columns handed out; at least <see cref="Width"/>.</param>
    public abstract EmbeddingTable Create(Backend backend, string name, int width);
}

/// <summary>How both sides of a table are stored.</summary>
public sealed record TableShape(SideShape Users, SideShape Items)
{
    /// <summary>How its training begins; what is packed does not know it any more.</summary>
    public ColumnAxes Axes { get; init; }

    /// <summary>See <see cref="SideShape.IsTrainedAsServed"/>.</summary>
    public bool IsTrainedAsServed => Users.IsTrainedAsServed && Items.IsTrainedAsServed;

    /// <summary>See <see cref="SideShape.IsFullUntilPacked"/>.</summary>
    public bool IsFullUntilPacked => Users.IsFullUntilPacked && Items.IsFullUntilPacked;

    /// <summary>See <see cref="SideShape.TakesPrefixes"/>.</summary>
    public bool TakesPrefixes => Users.TakesPrefixes && Items.TakesPrefixes;

    /// <summary>Bytes that the packed table serves from.</summary>
    public long Bytes => Users.Bytes + Items.Bytes;

    /// <summary>Numbers that the packed table keeps.</summary>
    public long Values => Users.Values + Items.Values;
}
