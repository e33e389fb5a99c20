using Bet.Engine.Compute;

namespace Bet.Engine.Search;

/// <summary>
/// The paper's (BET, Algorithm 1): candidates of four families under the budget, one chosen by a fitness predictor that
/// learns from the trials. One precision, float32 unless the request says otherwise.
/// </summary>
internal sealed class BetMethod(SearchContext context) : SearchMethod
{
    /// <summary>Predictor updates after every trial, the paper's N.</summary>
    private const int UpdatesPerTrial = 2;

    private readonly SearchOptions options = context.Options;

    /// <summary>Each trial has candidates of its own, so what is pending need not be known.</summary>
    public override TrialChoice Choose(int trial, IReadOnlyList<TrialResult> history, IReadOnlyList<TableSizes> pending)
    {
        var precision = TablePrecision.Both(options.Precision ?? Precision.Float32);
        var draws = new SizeSampler(context.Budget, options.Seed, precision)
            .DrawMany(trial, options.Candidates, context.Threads);
        TableSizes[] candidates = [.. draws.Select(draw => draw.Sizes)];
        var (index, rule, predicted) = Selection.Choose(trial, candidates, Predictor(history), Pairs(history), options.Seed);
        return new TrialChoice(candidates[index], draws[index].UserFamily, draws[index].ItemFamily, rule, predicted);
    }

    /// <summary>The predictor as it stands after the trials so far: made anew from them, so that nothing else need be kept.</summary>
    private FitnessPredictor Predictor(IReadOnlyList<TrialResult> history)
    {
        var predictor = new FitnessPredictor(
            context.Data.Train.UserFrequencies(), context.Data.Train.ItemFrequencies(), options.MaximumSize, options.Seed)
        {
            Threads = context.Threads,
        };
        for (int seen = 1; seen <= history.Count; seen++)
        {
            var pairs = Pairs([.. history.Take(seen)]);
            for (int update = 0; update < UpdatesPerTrial; update++)
                predictor.Update(pairs, (seen * UpdatesPerTrial) + update);
        }

        return predictor;
    }

    private static IReadOnlyList<(TableSizes, double)> Pairs(IReadOnlyList<TrialResult> history) =>
        [.. history.Select(trial => (trial.Sizes, trial.Fitness))];
}
