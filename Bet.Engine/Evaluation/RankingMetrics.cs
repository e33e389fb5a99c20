namespace Bet.Engine.Evaluation;

/// <summary>Means over the users that have at least one relevant item, by cut-off k.</summary>
/// <param name="Users">How many users were counted.</param>
/// <param name="Cutoffs">The values of k, ascending.</param>
/// <param name="Recall">Relevant items among the first k, over all relevant items.</param>
/// <param name="Ndcg">Discounted gain of the first k over that of an ideal ranking (binary relevance, log2).</param>
/// <param name="HitRate">Share of users with at least one relevant item among the first k.</param>
public sealed record RankingMetrics(int Users, int[] Cutoffs, double[] Recall, double[] Ndcg, double[] HitRate)
{
    public double RecallAt(int k) => Recall[IndexOf(k)];

    public double NdcgAt(int k) => Ndcg[IndexOf(k)];

    public double HitRateAt(int k) => HitRate[IndexOf(k)];

    private int IndexOf(int k)
    {
        int index = Array.IndexOf(Cutoffs, k);
        return index >= 0
            ? index
            : throw new ArgumentException($"k = {k} was not evaluated; there are {string.Join(", ", Cutoffs)}");
    }
}
