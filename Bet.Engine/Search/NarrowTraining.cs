using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>
/// What training numbers that suit full rows become for shorter ones. A score is a sum over fewer products, so each value
/// must be larger and may be decayed less; a step costs less, and there is further to go, so there are more epochs; and
/// prefixes of a full table know less, so a start from them leaves more to learn.
/// docs/decisions/2026-11-21-narrow-tables.md has the measurements.
/// </summary>
internal static class NarrowTraining
{
    /// <summary>Epochs grow to this many times at most.</summary>
    private const double MostEpochs = 3;

    /// <summary>The rate of a start from a wide table's prefixes, as a share of the rate of a start from random values.</summary>
    private const double WideWarmRate = 1.0 / 3;

    /// <param name="options">As they suit full rows, from random values.</param>
    /// <param name="share">Values of the table as a share of the full one's, in (0, 1].</param>
    /// <param name="warm">Whether it begins with the full table's prefixes.</param>
    public static TrainingOptions Of(TrainingOptions options, double share, bool warm)
    {
        double longer = Math.Min(MostEpochs, 1 / share);
        var adjusted = options with
        {
            L2 = (float)(options.L2 * share),
            Epochs = (int)Math.Round(options.Epochs * longer),
            EvaluateEvery = (int)Math.Round(options.EvaluateEvery * longer),
        };
        return warm ? adjusted with { Schedule = Times(options.Schedule, WarmRate(share)) } : adjusted;
    }

    /// <summary>A third for three quarters of the values, rising to 1 for next to none.</summary>
    private static float WarmRate(double share) => (float)Math.Max(WideWarmRate, 1 - ((1 - WideWarmRate) * share / 0.75));

    private static LearningRateSchedule Times(LearningRateSchedule schedule, float factor) =>
        schedule with { First = schedule.First * factor, Last = schedule.Last * factor };
}
