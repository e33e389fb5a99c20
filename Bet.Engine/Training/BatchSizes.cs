using System.Numerics;

namespace Bet.Engine.Training;

/// <summary>How many interactions a step takes where nobody says.</summary>
public static class BatchSizes
{
    private const long Least = 256;
    private const long Most = 1 << 20;

    /// <summary>
    /// About a hundredth of the training interactions, as a power of two: a step of Adam or of propagation costs as
    /// much as there are entities and edges, so an epoch of a hundred steps costs the same an interaction at any size.
    /// </summary>
    public static int DefaultFor(long trainInteractions) =>
        (int)Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(1, trainInteractions / 100)), Least, Most);
}
