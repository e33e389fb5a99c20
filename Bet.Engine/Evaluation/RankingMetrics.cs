namespace Bet.Engine.Evaluation;

/// <summary>Means over the users that have at least one relevant item, by cut-off k.</summary>
/// <param name="Users">How many users were counted.</param>
/// <param name="Cutoffs">The values of k, ascending.</param>
/// <param name="Recall">Relevant items among the first k, over all relevant items.</param>
/// <param name="Ndcg">Discounted gain of the first k over that of an ideal ranking (binary relevance, log2).</param>
/// <param name="HitRate">Share of users with at least one relevant item among the first k.</param>
/// <param name="RecallError">Standard error of the mean recall over the users.</param>
/// <param name="NdcgError">Standard error of the mean NDCG over the users.</param>
public sealed record RankingMetrics(
    int Users, int[] Cutoffs, double[] Recall, double[] Ndcg, double[] HitRate, double[] RecallError, double[] NdcgError)
{
    /// <summary>Standard errors from the mean to either end of an interval that holds 95 % of a normal distribution.</summary>
    public const double ConfidenceErrors = 1.96;

    public double RecallAt(int k) => Recall[IndexOf(k)];

    public double NdcgAt(int k) => Ndcg[IndexOf(k)];

    public double HitRateAt(int k) => HitRate[IndexOf(k)];

    public double RecallErrorAt(int k) => RecallError[IndexOf(k)];

    public double NdcgErrorAt(int k) => NdcgError[IndexOf(k)];

    private int IndexOf(int k)
    {
        int index = Array.IndexOf(Cutoffs, k);
        return index >= 0
            ? index
            : throw new ArgumentException($"k = {k} was not evaluated; there are {string.Join(", ", Cutoffs)}");
    }
}
