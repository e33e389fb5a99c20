using System.Numerics;

namespace Bet.Engine.Data;

/// <summary>The batch of a training run that did not ask for one.</summary>
public static class BatchSizes
{
    public const int Smallest = 256;
    public const int Largest = 1 << 20;

    /// <summary>
    /// A hundredth of the training interactions, as the next power of two: about a hundred steps an epoch, whatever
    /// the size. A step costs the optimiser all rows and a graph backbone all edges, so with a fixed batch the cost of
    /// an epoch would grow with the square of the data; and a small set would take too few steps.
    /// </summary>
    /// <param name="trainInteractions">Interactions of the training part; Gowalla's 0.5 to 0.8 million give 8192.</param>
    public static int DefaultFor(long trainInteractions)
    {
        const int stepsPerEpoch = 100;
        long wanted = Math.Clamp((trainInteractions + stepsPerEpoch - 1) / stepsPerEpoch, Smallest, Largest);
        return (int)BitOperations.RoundUpToPowerOf2((ulong)wanted);
    }

    /// <summary>
    /// Of searches over click data: 512, or of few training samples a thirty-second, as the next power of two, from 128: at least as many
    /// steps an epoch.
    /// </summary>
    public static int OfClickSearches(double trainSamples) =>
        (int)BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp(Math.Ceiling(trainSamples / 32), 128, 512));

    /// <summary>
    /// Of click data: a thousandth of the training samples, as the next power of two, from 128, which the results of
    /// compositional embeddings were published with, to 2048.
    /// </summary>
    public static int OfClicks(long trainSamples) =>
        (int)BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp((trainSamples + 999) / 1000, 128, 2048));
}
