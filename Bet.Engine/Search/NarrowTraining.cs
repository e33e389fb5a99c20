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

    /// <summary>From this share of the values on rows are wide; down to none the rate of a warm start rises to that of any other.</summary>
    private const double WideShare = 0.75;

    /// <summary>Below this share of the values the first rate rises, in proportion, until it is this many times as high.</summary>
    private const double FastShare = 1.0 / 3, FastestRate = 10.0 / 3;

    /// <param name="options">As they suit full rows, from random values.</param>
    /// <param name="share">Values of the table as a share of the full one's, in (0, 1].</param>
    /// <param name="warm">
    /// The first and the last rate of wide rows, as shares of the usual ones, where the table begins with the full one's
    /// prefixes; null: with random values.
    /// </param>
    public static TrainingOptions Of(TrainingOptions options, double share, WarmRates? warm)
    {
        double longer = Math.Min(MostEpochs, 1 / share);
        double fast = Math.Clamp(FastShare / share, 1, FastestRate);
        double OfShare(double wide) => Math.Max(wide, 1 - ((1 - wide) * share / WideShare));
        var (first, last) = warm ?? new WarmRates(1, 1);
        return options with
        {
            Epochs = (int)Math.Round(options.Epochs * longer),
            EvaluateEvery = (int)Math.Round(options.EvaluateEvery * longer),
            Schedule = options.Schedule with
            {
                First = (float)(options.Schedule.First * OfShare(first) * fast),
                Last = (float)(options.Schedule.Last * OfShare(last)),
            },
        };
    }
}
