namespace Bet.Engine.Evaluation;

/// <summary>The one number that decides: BET's Eq. 13.</summary>
public static class Quality
{
    /// <summary>The paper's cut-offs.</summary>
    public static readonly IReadOnlyList<int> Cutoffs = [5, 10, 20];

    /// <summary>The mean of Recall@k and NDCG@k over k in {5, 10, 20}.</summary>
    public static double Of(RankingMetrics metrics) =>
        Cutoffs.Average(k => (metrics.RecallAt(k) + metrics.NdcgAt(k)) / 2);

    /// <summary>Its standard error over the users, or a little more: as if the six went up and down together.</summary>
    public static double ErrorOf(RankingMetrics metrics) =>
        Cutoffs.Average(k => (metrics.RecallErrorAt(k) + metrics.NdcgErrorAt(k)) / 2);
}
