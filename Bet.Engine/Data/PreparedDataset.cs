namespace Bet.Engine.Data;

/// <summary>
/// A split data set, ready for training. Users and items are renumbered by falling frequency in the training part
/// (ties by first appearance), so row n of a table is the n-th most frequent entity: sizes that fall with frequency
/// are then runs of rows, and popular rows lie together in memory.
/// </summary>
public sealed record PreparedDataset
{
    /// <summary>Raw ids by row, as they stood in the file.</summary>
    public required IdList UserIds { get; init; }

    /// <summary>Raw ids by row, as they stood in the file.</summary>
    public required IdList ItemIds { get; init; }

    public required Interactions Train { get; init; }

    /// <summary>Disjoint from <see cref="Train"/>; decides early stopping, fitness and the winner.</summary>
    public required Interactions Validation { get; init; }

    /// <summary>Disjoint from both others; only reported.</summary>
    public required Interactions Test { get; init; }

    /// <summary>SHA-256, lower-case hex, of the three parts and the raw ids; the same split has the same hash.</summary>
    public required string SplitHash { get; init; }

    public int UserCount => UserIds.Count;

    public int ItemCount => ItemIds.Count;

    /// <summary>Users and items together, the paper's N.</summary>
    public int EntityCount => UserCount + ItemCount;
}
