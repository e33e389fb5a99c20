using Bet.Engine.Compute;
using Bet.Engine.Embeddings;

namespace Bet.Engine.Search;

/// <summary>
/// A table size action as a point: of each side the logarithms of the sizes of a few ranks and of the bits of a value, and the axes.
/// Actions of whatever family that give rows nearly the same sizes lie close together.
/// </summary>
internal static class ActionFeatures
{
    /// <summary>Places of log(rank + 1) at which sizes are read; most rows lie beyond the third.</summary>
    private static readonly double[] Places = [0, 0.5, 0.8, 0.9, 1];

    /// <summary>[2 * (places + 1) + 1]: log2(1 + size) at each place and log2(bits), users first; then 1 for even axes, else 0.</summary>
    public static double[] Of(TableSizes sizes) => [.. Of(sizes.Users), .. Of(sizes.Items), sizes.Axes == ColumnAxes.Even ? 1 : 0];

    private static IEnumerable<double> Of(SideSizes side) => Places
        .Select(place => side.Rows == 0 ? 0 : Math.Log2(1 + side.SizeAt(SizeCurve.RankAt(place, side.Rows))))
        .Append(Math.Log2(side.Precision.Bits()));
}
