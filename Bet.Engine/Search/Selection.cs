using Bet.Engine.Compute;

namespace Bet.Engine.Search;

/// <summary>Which of a trial's candidates is evaluated (BET, section 3.5.1).</summary>
public static class Selection
{
    /// <summary>The rule of a trial, counted from 1: t mod 5 in {0, 1, 2} predicts, 3 stays near the best, 4 explores.</summary>
    public static SelectionRule RuleOf(int trial) => (trial % 5) switch
    {
        3 => SelectionRule.NearestToBest,
        4 => SelectionRule.Random,
        _ => SelectionRule.BestPredicted,
    };

    /// <summary>
    /// The chosen candidate, the rule that chose it and what the predictor says of it. Ties go to the earlier candidate.
    /// Without any history nothing is near and nothing is learnt: the choice is random.
    /// </summary>
    /// <param name="trial">From 1.</param>
    /// <param name="candidates">At least one.</param>
    /// <param name="predictor">As it stands after the history.</param>
    /// <param name="history">Actions with their fitness.</param>
    /// <param name="seed">Of the random choices.</param>
    public static (int Index, SelectionRule Rule, double? Predicted) Choose(
        int trial, IReadOnlyList<TableSizes> candidates, FitnessPredictor predictor,
        IReadOnlyList<(TableSizes Sizes, double Fitness)> history, ulong seed)
    {
        if (history.Count == 0)
            return (Any(trial, candidates.Count, seed), SelectionRule.Random, null);
        var rule = RuleOf(trial);
        var scores = predictor.Score(candidates);
        int index = rule switch
        {
            SelectionRule.BestPredicted => IndexOfSmallest(candidates.Count, i => -scores.Fitness[i]),
            SelectionRule.NearestToBest => Nearest(candidates.Count, scores, predictor, history),
            _ => Any(trial, candidates.Count, seed),
        };
        return (index, rule, scores.Fitness[index]);
    }

    private static int Any(int trial, int count, ulong seed) =>
        new Philox(seed, RandomPurpose.Selection, (uint)trial).Below(0, count);

    private static int Nearest(
        int count, PredictedActions scores, FitnessPredictor predictor,
        IReadOnlyList<(TableSizes Sizes, double Fitness)> history)
    {
        var best = predictor.Score([history.MaxBy(entry => entry.Fitness).Sizes]);
        return IndexOfSmallest(count, i => SquaredDistance(scores.Embedding(i), best.Embedding(0)));
    }

    private static double SquaredDistance(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }

    private static int IndexOfSmallest(int count, Func<int, double> value)
    {
        int best = 0;
        double smallest = value(0);
        for (int i = 1; i < count; i++)
        {
            double candidate = value(i);
            if (candidate < smallest)
                (best, smallest) = (i, candidate);
        }

        return best;
    }
}
