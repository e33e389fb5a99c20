namespace Bet.Engine.Reports;

/// <summary>Spearman's rank correlation: whether two lists put the same things first.</summary>
public static class RankCorrelation
{
    /// <summary>From -1 to 1; equal values share their mean rank. Null below three pairs, or where a list is all alike.</summary>
    public static double? Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        if (first.Count != second.Count)
            throw new ArgumentException($"{first.Count} values cannot be compared with {second.Count}");
        if (first.Count < 3)
            return null;
        double[] a = Ranks(first), b = Ranks(second);
        double middle = (first.Count - 1) / 2.0, product = 0, ofA = 0, ofB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            product += (a[i] - middle) * (b[i] - middle);
            ofA += (a[i] - middle) * (a[i] - middle);
            ofB += (b[i] - middle) * (b[i] - middle);
        }

        return ofA == 0 || ofB == 0 ? null : product / Math.Sqrt(ofA * ofB);
    }

    private static double[] Ranks(IReadOnlyList<double> values) =>
        [.. values.Select(value => values.Count(other => other < value) + ((values.Count(other => other == value) - 1) / 2.0))];
}
