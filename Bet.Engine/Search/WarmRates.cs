using Bet.Engine.Embeddings;

namespace Bet.Engine.Search;

/// <summary>What the rates of a training that begins with a trained table are, as shares of those from random values.</summary>
/// <param name="First">Of the first rate.</param>
/// <param name="Last">Of the last rate.</param>
public readonly record struct WarmRates(double First, double Last)
{
    /// <summary>
    /// What suits training to the end: the full table was trained to its own end, and should be changed little.
    /// </summary>
    public static WarmRates ToTheEnd { get; } = new(1.0 / 9, 1.0 / 9);

    /// <summary>
    /// What suits a trial, whose few epochs have to show what more of them come to: it begins at a higher rate, as coarse
    /// values need it, and ends at the same, as fine ones do.
    /// </summary>
    public static WarmRates OfTrial { get; } = new(1.0 / 3, 1.0 / 9);

    /// <summary>
    /// Of either, where much of the full table is there and soon disturbed: of coarse rows on even axes, and of all rows of
    /// backbones whose decay is strong and whose rows alone answer for the scores.
    /// docs/decisions/2026-11-23-even-axes.md has the measurements.
    /// </summary>
    public static WarmRates Gentle { get; } = new(1.0 / 27, 1.0 / 27);

    /// <summary>These, or gentle ones on even axes: there rounding leaves more of the full table, and there is less to learn again.</summary>
    public WarmRates For(ColumnAxes axes) => axes == ColumnAxes.Even ? Gentle : this;
}
