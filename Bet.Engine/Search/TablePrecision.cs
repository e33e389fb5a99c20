using Bet.Engine.Compute;
using Bet.Engine.Embeddings;

namespace Bet.Engine.Search;

/// <summary>How each side of a table is stored.</summary>
public readonly record struct TablePrecision(Precision Users, Precision Items)
{
    /// <summary>Rows of so many bits a value are coarse.</summary>
    private const int CoarseBits = 4;

    /// <summary>Where either side is coarse; of others there is no difference.</summary>
    public ColumnAxes Axes { get; init; }

    /// <summary>Whether either side has so few bits that its axes matter.</summary>
    public bool IsCoarse => Math.Min(Users.Bits(), Items.Bits()) <= CoarseBits;

    /// <summary>Both sides alike.</summary>
    public static TablePrecision Both(Precision precision) => new(precision, precision);
}
