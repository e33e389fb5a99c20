namespace Bet.Engine.Data;

/// <summary>
/// Interactions as they were read, one entry each, without repeats: <c>UserOf[i]</c> had <c>ItemOf[i]</c>. Users and
/// items are numbered by first appearance.
/// </summary>
public sealed record InteractionSet
{
    /// <summary>Raw user ids by number.</summary>
    public required IdList UserIds { get; init; }

    /// <summary>Raw item ids by number.</summary>
    public required IdList ItemIds { get; init; }

    /// <summary>int32 [Count].</summary>
    public required int[] UserOf { get; init; }

    /// <summary>int32 [Count].</summary>
    public required int[] ItemOf { get; init; }

    /// <summary>Seconds or any other rising number, [Count]; null where the data has no time.</summary>
    public long[]? Timestamps { get; init; }

    /// <summary>
    /// Interactions from this one on belong to the given test part, the ones before to train; null where the data came
    /// in one part.
    /// </summary>
    public int? TestStart { get; init; }

    /// <summary>Repeats that were merged.</summary>
    public long Duplicates { get; init; }

    /// <summary>Rows left out because their rating was below the threshold.</summary>
    public long BelowThreshold { get; init; }

    /// <summary>How its files were understood; null for a set that was not read from text. <see cref="InteractionSetFile"/> has none.</summary>
    public DatasetReading? Reading { get; init; }

    public int Count => UserOf.Length;
}
