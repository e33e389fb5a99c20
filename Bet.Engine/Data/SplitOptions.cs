namespace Bet.Engine.Data;

public enum SplitKind
{
    /// <summary>The data set's own train and test parts; a validation part is taken from train, at random, per user.</summary>
    AsGiven,

    /// <summary>Per user, at random, by the ratios (the paper's 50/25/25).</summary>
    Random,

    /// <summary>Per user, the oldest interactions train and the newest test, by the ratios.</summary>
    ByTime,

    /// <summary>Per user, the last interaction tests, the one before validates, the rest train.</summary>
    LeaveOneOut,
}

/// <summary>How interactions become train, validation and test.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="Train">Share of the training part, for <see cref="SplitKind.Random"/> and <see cref="SplitKind.ByTime"/>.</param>
/// <param name="Validation">Share of the validation part; for <see cref="SplitKind.AsGiven"/>, of the given training part.</param>
public sealed record SplitOptions(SplitKind Kind, double Train = 0.5, double Validation = 0.25)
{
    /// <summary>Share of the test part: what the two others leave.</summary>
    public double Test => 1 - Train - Validation;
}
