namespace Bet.Engine.Evaluation;

/// <summary>Samples by rising score. What is found does not depend on the order of samples that tie.</summary>
internal sealed class RankedClicks
{
    private readonly float[] scores;
    private readonly byte[] labels;
    private readonly int positives;

    /// <param name="labels">0 or 1, [n].</param>
    /// <param name="logOdds">Numbers, [n].</param>
    public RankedClicks(ReadOnlySpan<byte> labels, ReadOnlySpan<float> logOdds)
    {
        (scores, this.labels) = (logOdds.ToArray(), labels.ToArray());
        Array.Sort(scores, this.labels);
        foreach (byte label in labels)
            positives += label;
    }

    /// <summary>
    /// The mean over the clicks of the share of non-clicks below them, ties half. With that share's variance over the clicks,
    /// and that of the share of clicks above over the non-clicks, each over their number, the variance of the AUC is their sum.
    /// </summary>
    public Estimate Auc()
    {
        double negatives = scores.Length - positives;
        if (positives == 0 || negatives == 0)
            return new Estimate(double.NaN, double.NaN);
        double below = 0, above = positives, sum = 0, ofPositives = 0, ofNegatives = 0;
        foreach (var (start, end, clicks) in Ties())
        {
            double others = end - start - clicks;
            double sharesBelow = (below + (others / 2)) / negatives, shareAbove = (above - (clicks / 2.0)) / positives;
            sum += clicks * sharesBelow;
            ofPositives += clicks * sharesBelow * sharesBelow;
            ofNegatives += others * shareAbove * shareAbove;
            (below, above) = (below + others, above - clicks);
        }

        double auc = sum / positives;
        return new Estimate(auc, Math.Sqrt(OfMean(ofPositives, auc, positives) + OfMean(ofNegatives, auc, negatives)));
    }

    /// <summary>Bins of as many samples each, but for rounding; samples that tie have their share of clicks each.</summary>
    public IReadOnlyList<CalibrationBin> Bins(int count)
    {
        count = Math.Min(count, scores.Length);
        var predicted = new double[count];
        var observed = new double[count];
        int bin = 0;
        foreach (var (start, end, clicks) in Ties())
        {
            double probability = ClickSums.ProbabilityOf(scores[start]), share = (double)clicks / (end - start);
            for (int from = start; from < end;)
            {
                int to = Math.Min(end, BinEnd(bin));
                predicted[bin] += (to - from) * probability;
                observed[bin] += (to - from) * share;
                from = to;
                bin += from == BinEnd(bin) ? 1 : 0;
            }
        }

        return [.. Enumerable.Range(0, count).Select(place =>
        {
            int samples = BinEnd(place) - BinEnd(place - 1);
            return new CalibrationBin(samples, predicted[place] / samples, observed[place] / samples);
        })];

        int BinEnd(int place) => (int)((place + 1L) * scores.Length / count);
    }

    /// <summary>The variance of a mean from the sum of squares, unbiased; of one value it is not known.</summary>
    private static double OfMean(double squares, double mean, double count) =>
        count < 2 ? double.NaN : Math.Max(0, (squares / count) - (mean * mean)) / (count - 1);

    /// <summary>Runs of the same score: where they start and end, and how many clicks they have.</summary>
    private IEnumerable<(int Start, int End, int Clicks)> Ties()
    {
        for (int start = 0, end; start < scores.Length; start = end)
        {
            int clicks = 0;
            for (end = start; end < scores.Length && scores[end] == scores[start]; end++)
                clicks += labels[end];
            yield return (start, end, clicks);
        }
    }
}
