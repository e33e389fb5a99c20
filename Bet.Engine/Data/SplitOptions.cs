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

/// <summary>How interactions become train, validation and test. A share that the rule does not ask for is null.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="Train">See <see cref="Train"/>.</param>
/// <param name="Validation">See <see cref="Validation"/>.</param>
public sealed record SplitOptions(SplitKind Kind, double? Train = null, double? Validation = null)
{
    /// <summary>Share of the training part, of random and byTime; default 0.5.</summary>
    public double? Train { get; } = Kind is SplitKind.AsGiven or SplitKind.LeaveOneOut ? null : Train ?? 0.5;

    /// <summary>Share of the validation part, default 0.25; of asGiven a share of the given training part, default 0.1.</summary>
    public double? Validation { get; } = Kind switch
    {
        SplitKind.LeaveOneOut => null,
        SplitKind.AsGiven => Validation ?? 0.1,
        _ => Validation ?? 0.25,
    };

    /// <summary>Share of the test part: what the two others leave.</summary>
    public double? Test => Train is null || Validation is null ? null : Math.Round(1 - Train.Value - Validation.Value, 12);
}
