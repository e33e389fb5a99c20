using System.Numerics.Tensors;

namespace Bet.Engine.Evaluation;

/// <summary>How good predicted probabilities of clicks are. What is not defined, as an AUC without clicks, is NaN.</summary>
public sealed record ClickMetrics
{
    /// <summary>Bins that <see cref="ExpectedCalibrationError"/> is taken over, of as many samples each.</summary>
    public const int BinCount = 20;

    public required int Samples { get; init; }

    /// <summary>Clicks among them.</summary>
    public required int Positives { get; init; }

    /// <summary>Mean of -log of the probability that was given to what happened. Natural logarithm.</summary>
    public required Estimate LogLoss { get; init; }

    /// <summary>
    /// How likely a click scores above a non-click, a tie counting half. The error is that of DeLong, DeLong and
    /// Clarke-Pearson 1988, exact with ties (Sun and Xu 2014).
    /// </summary>
    public required Estimate Auc { get; init; }

    /// <summary>Share of samples that are clicks where the probability is above 0.5 and are none elsewhere.</summary>
    public required Estimate Accuracy { get; init; }

    /// <summary>Predicted clicks over observed ones: 1 is right, more is too confident. Error by the delta method.</summary>
    public required Estimate Calibration { get; init; }

    /// <summary>
    /// Log loss over that of always predicting the share of clicks (He et al. 2014): below 1 something was learned. Error by
    /// the delta method.
    /// </summary>
    public required Estimate NormalisedEntropy { get; init; }

    /// <summary>
    /// Mean over the samples of |predicted - observed| of their bin, in bins of equal counts by predicted probability, where
    /// rare clicks crowd near 0 (Nixon et al. 2019). It is never below 0, so that it has no interval around a true 0.
    /// </summary>
    public required double ExpectedCalibrationError { get; init; }

    /// <summary>By rising probability; a chart of them shows where predictions are off.</summary>
    public required IReadOnlyList<CalibrationBin> Bins { get; init; }

    /// <param name="labels">0 or 1, [n].</param>
    /// <param name="logOdds">Scores z of which the probability is 1 / (1 + e^-z), [n].</param>
    /// <exception cref="ArgumentException">Lengths differ, or a score is not a number.</exception>
    public static ClickMetrics Of(ReadOnlySpan<byte> labels, ReadOnlySpan<float> logOdds)
    {
        Check(labels, logOdds);
        var sums = new ClickSums(labels, logOdds);
        var ranks = new RankedClicks(labels, logOdds);
        var bins = ranks.Bins(BinCount);
        return new ClickMetrics
        {
            Samples = labels.Length,
            Positives = sums.Positives,
            LogLoss = sums.LogLoss,
            Auc = ranks.Auc(),
            Accuracy = sums.Accuracy,
            Calibration = sums.Calibration,
            NormalisedEntropy = sums.NormalisedEntropy,
            ExpectedCalibrationError = bins.Sum(bin => bin.Samples * Math.Abs(bin.Predicted - bin.Observed)) / labels.Length,
            Bins = bins,
        };
    }

    /// <summary><see cref="LogLoss"/> alone, which needs no order.</summary>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public static double LogLossOf(ReadOnlySpan<byte> labels, ReadOnlySpan<float> logOdds)
    {
        Check(labels, logOdds);
        double sum = 0;
        for (int i = 0; i < labels.Length; i++)
            sum += ClickSums.LossOf(labels[i], logOdds[i]);
        return sum / labels.Length;
    }

    private static void Check(ReadOnlySpan<byte> labels, ReadOnlySpan<float> logOdds)
    {
        if (labels.Length != logOdds.Length)
            throw new ArgumentException($"ClickMetrics: {labels.Length} labels, {logOdds.Length} scores");
        if (TensorPrimitives.IsNaNAny(logOdds))
            throw new ArgumentException("ClickMetrics: a score is not a number");
    }
}

/// <summary>Samples of similar probability.</summary>
/// <param name="Samples">How many.</param>
/// <param name="Predicted">Mean probability.</param>
/// <param name="Observed">Share of clicks.</param>
public readonly record struct CalibrationBin(int Samples, double Predicted, double Observed);
