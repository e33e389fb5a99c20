namespace Bet.Engine.Evaluation;

/// <summary>A mean, or what is made of means, over a sample.</summary>
/// <param name="Value">What was found; NaN where it is not defined.</param>
/// <param name="Error">Its standard error.</param>
public readonly record struct Estimate(double Value, double Error)
{
    /// <summary>The lower end of an interval that holds the true value in 95 of 100 samples, by the normal approximation.</summary>
    public double Low => Value - (RankingMetrics.ConfidenceErrors * Error);

    /// <summary>The upper end.</summary>
    public double High => Value + (RankingMetrics.ConfidenceErrors * Error);
}
