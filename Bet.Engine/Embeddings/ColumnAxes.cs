namespace Bet.Engine.Embeddings;

/// <summary>
/// How the columns lie that all rows of a coarse table have, where it begins with a full table's prefixes; see
/// docs/decisions/2026-11-23-even-axes.md.
/// </summary>
public enum ColumnAxes
{
    /// <summary>As they are in the full table, which is turned to its principal axes: the first count for most.</summary>
    Principal,

    /// <summary>Turned once more, so that none counts for more than another.</summary>
    Even,
}
