namespace Bet.Engine.Clicks;

/// <summary>
/// How a number becomes one that a layer can take: x to sign(x) log(1 + |x|), less the mean of these in the training
/// part, over their deviation there; a missing one becomes the mean, which is 0. A server does the same.
/// </summary>
/// <param name="Name">The column's.</param>
/// <param name="Mean">Of the logarithms of the training part that are not missing; 0 where all are.</param>
/// <param name="Deviation">Their standard deviation, divided by their number; 1 where they do not differ.</param>
public sealed record NumberScale(string Name, double Mean, double Deviation)
{
    /// <summary>Deviations that are so small a part of the mean come from rounding.</summary>
    private const double Rounding = 1e-9;

    /// <summary>The transformed number; 0 for NaN.</summary>
    public float Of(float number) => float.IsNaN(number) ? 0 : (float)((Compress(number) - Mean) / Deviation);

    /// <summary>sign(x) log(1 + |x|).</summary>
    internal static double Compress(double number) => Math.CopySign(Math.Log(1 + Math.Abs(number)), number);

    /// <summary>The scales of the columns of some rows, in one pass (Welford, Technometrics 1962).</summary>
    /// <param name="names">[D].</param>
    /// <param name="numbers">[n, D] row-major, NaN where there is none.</param>
    /// <param name="rows">The rows to look at.</param>
    internal static NumberScale[] Fit(IReadOnlyList<string> names, float[] numbers, ReadOnlySpan<int> rows)
    {
        var counts = new int[names.Count];
        var means = new double[names.Count];
        var squares = new double[names.Count];
        foreach (int row in rows)
        {
            for (int column = 0; column < counts.Length; column++)
            {
                float number = numbers[(row * counts.Length) + column];
                if (float.IsNaN(number))
                    continue;
                double value = Compress(number);
                double difference = value - means[column];
                means[column] += difference / ++counts[column];
                squares[column] += difference * (value - means[column]);
            }
        }

        var scales = new NumberScale[names.Count];
        for (int column = 0; column < scales.Length; column++)
        {
            double deviation = Math.Sqrt(squares[column] / Math.Max(1, counts[column]));
            bool differ = deviation > Rounding * Math.Abs(means[column]);
            scales[column] = new NumberScale(names[column], means[column], differ ? deviation : 1);
        }

        return scales;
    }
}
