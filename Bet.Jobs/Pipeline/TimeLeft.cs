using Bet.Engine.Search;

namespace Bet.Jobs.Pipeline;

/// <summary>
/// How long the rest of a search will take, from what its steps took here: means of finished steps of the same kind,
/// and of the running step by the share that is done. A kind that has not been measured yet is taken to be like its
/// nearest relative: a training to the end like so many trials; and no training longer than pretraining. While trials are still to come and none has been
/// measured there is no estimate: it would be a guess.
/// </summary>
public static class TimeLeft
{
    private const double LeastFraction = 0.1;

    /// <param name="finished">Kind and seconds of finished steps.</param>
    /// <param name="remaining">The steps that are not done, the running one included.</param>
    /// <param name="running">The running step, how long it has run and how much of it is done; null between steps.</param>
    /// <param name="trialsPerRetraining">See <see cref="IStepOptions.TrialsPerRetraining"/>.</param>
    /// <returns>Seconds, or null where they cannot be known yet.</returns>
    public static double? Estimate(
        IEnumerable<(StepKind Kind, double Seconds)> finished,
        IEnumerable<StepKind> remaining,
        (StepKind Kind, double Elapsed, double Fraction)? running,
        double trialsPerRetraining)
    {
        var means = finished.GroupBy(f => f.Kind).ToDictionary(g => g.Key, g => g.Average(f => f.Seconds));
        double spent = 0;
        if (running is { } now)
        {
            if (!means.ContainsKey(now.Kind) && now.Fraction >= LeastFraction)
                means[now.Kind] = now.Elapsed / now.Fraction;
            if (SecondsOf(now.Kind, means, trialsPerRetraining) is { } whole)
                spent = now.Fraction >= LeastFraction ? whole * now.Fraction : Math.Min(now.Elapsed, whole);
        }

        double total = 0;
        foreach (var kind in remaining)
        {
            if (SecondsOf(kind, means, trialsPerRetraining) is not { } seconds)
                return null;
            total += seconds;
        }

        return Math.Max(0, total - spent);
    }

    private static double? SecondsOf(StepKind kind, Dictionary<StepKind, double> means, double trialsPerRetraining)
    {
        double? Mean(StepKind of) => means.TryGetValue(of, out double seconds) ? seconds : null;
        return Mean(kind) ?? kind switch
        {
            StepKind.Retrain or StepKind.Compare when Mean(StepKind.Trial) is { } trial && Mean(StepKind.Pretrain) is { } full =>
                Math.Min(full, trial * trialsPerRetraining),
            StepKind.Retrain or StepKind.Compare or StepKind.Refit => Mean(StepKind.Pretrain),
            // Packing is the least of the steps and about as much work as reading the data.
            StepKind.Export or StepKind.Curve => Mean(StepKind.Prepare),
            _ => null,
        };
    }
}
