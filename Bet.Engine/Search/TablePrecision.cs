using Bet.Engine.Compute;

namespace Bet.Engine.Search;

/// <summary>How each side of a table is stored.</summary>
public readonly record struct TablePrecision(Precision Users, Precision Items)
{
    /// <summary>Both sides alike.</summary>
    public static TablePrecision Both(Precision precision) => new(precision, precision);
}
