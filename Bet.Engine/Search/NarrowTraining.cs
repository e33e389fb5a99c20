using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>
/// What training numbers that suit full rows become for shorter ones. A step costs less and there is further to go, so there
/// are more epochs, at a higher rate; and prefixes of a full table know the less the shorter they are, so a start from them
/// leaves more to learn. Decay stays.
/// docs/decisions/2026-11-21-narrow-tables.md has the measurements.
/// </summary>
internal static class NarrowTraining
{
    /// <summary>Epochs grow to this many times at most.</summary>
    private const double MostEpochs = 3;

    /// <summary>The rate of a start from a wide table's prefixes, as a share of the rate of a start from random values.</summary>
    private const double WideWarmRate = 1.0 / 9;

    /// <summary>Below this share of the values the first rate rises, in proportion, until it is this many times as high.</summary>
    private const double FastShare = 1.0 / 3, FastestRate = 10.0 / 3;

    /// <param name="options">As they suit full rows, from random values.</param>
    /// <param name="share">Values of the table as a share of the full one's, in (0, 1].</param>
    /// <param name="warm">Whether it begins with the full table's prefixes.</param>
    public static TrainingOptions Of(TrainingOptions options, double share, bool warm)
    {
        double longer = Math.Min(MostEpochs, 1 / share);
        double fast = Math.Clamp(FastShare / share, 1, FastestRate);
        double rate = warm ? WarmRate(share) : 1;
        return options with
        {
            Epochs = (int)Math.Round(options.Epochs * longer),
            EvaluateEvery = (int)Math.Round(options.EvaluateEvery * longer),
            Schedule = options.Schedule with
            {
                First = (float)(options.Schedule.First * rate * fast),
                Last = (float)(options.Schedule.Last * rate),
            },
        };
    }

    /// <summary>A ninth for three quarters of the values, rising to 1 for next to none.</summary>
    private static double WarmRate(double share) => Math.Max(WideWarmRate, 1 - ((1 - WideWarmRate) * share / 0.75));
}
