namespace Bet.Engine.Evaluation;

/// <summary>Means over samples and their standard errors, in one pass: with p, y and l a sample's probability, label and loss.</summary>
internal sealed class ClickSums
{
    private readonly int samples;
    private readonly int right;
    private readonly double losses;
    private readonly double squaredLosses;
    private readonly double lossesOfPositives;
    private readonly double probabilities;
    private readonly double squaredProbabilities;
    private readonly double probabilitiesOfPositives;

    public ClickSums(ReadOnlySpan<byte> labels, ReadOnlySpan<float> logOdds)
    {
        samples = labels.Length;
        for (int i = 0; i < labels.Length; i++)
        {
            double loss = LossOf(labels[i], logOdds[i]), probability = ProbabilityOf(logOdds[i]);
            losses += loss;
            squaredLosses += loss * loss;
            probabilities += probability;
            squaredProbabilities += probability * probability;
            right += (logOdds[i] > 0) == (labels[i] != 0) ? 1 : 0;
            if (labels[i] == 0)
                continue;
            Positives++;
            lossesOfPositives += loss;
            probabilitiesOfPositives += probability;
        }
    }

    public int Positives { get; }

    public Estimate LogLoss => Mean(losses / samples, (squaredLosses / samples) - Square(losses / samples));

    public Estimate Accuracy
    {
        get
        {
            double share = (double)right / samples;
            return Mean(share, share * (1 - share));
        }
    }

    /// <summary>R = mean p / mean y moves with a sample by (p - R y) / mean y.</summary>
    public Estimate Calibration
    {
        get
        {
            double ratio = Positives == 0 ? double.NaN : probabilities / Positives, clicks = (double)Positives / samples;
            double variance = (squaredProbabilities - (2 * ratio * probabilitiesOfPositives)) / samples + (ratio * ratio * clicks);
            return Mean(ratio, variance / (clicks * clicks));
        }
    }

    /// <summary>
    /// N = mean l / H(q), with q = mean y and H(q) = -q log q - (1 - q) log(1 - q), moves with a sample by
    /// (l - mean l - N H'(q) (y - q)) / H(q), H'(q) = log((1 - q) / q).
    /// </summary>
    public Estimate NormalisedEntropy
    {
        get
        {
            double q = (double)Positives / samples;
            if (q is 0 or 1)
                return new Estimate(double.NaN, double.NaN);
            double entropy = -(q * Math.Log(q)) - ((1 - q) * Math.Log(1 - q)), loss = losses / samples;
            double ratio = loss / entropy, slope = ratio * Math.Log((1 - q) / q);
            double ofLoss = (squaredLosses / samples) - (loss * loss), together = (lossesOfPositives / samples) - (loss * q);
            double variance = ofLoss - (2 * slope * together) + (slope * slope * q * (1 - q));
            return Mean(ratio, variance / (entropy * entropy));
        }
    }

    /// <summary>softplus(z) - y z</summary>
    public static double LossOf(byte label, double logOdds) =>
        Math.Max(logOdds, 0) - (label * logOdds) + Math.Log(1 + Math.Exp(-Math.Abs(logOdds)));

    /// <summary>1 / (1 + e^-z)</summary>
    public static double ProbabilityOf(double logOdds) => 1 / (1 + Math.Exp(-logOdds));

    /// <summary>With a variance of the samples, not yet the unbiased one, which is n / (n - 1) times as large.</summary>
    private Estimate Mean(double value, double variance) =>
        new(value, samples < 2 ? double.NaN : Math.Sqrt(Math.Max(0, variance) / (samples - 1)));

    private static double Square(double value) => value * value;
}
