namespace Bet.Engine.Clicks;

public enum ClickSplitKind
{
    /// <summary>By time, or in the order of the file where there are no times: the first train, the last test.</summary>
    ByOrder,

    /// <summary>At random, by the shares.</summary>
    Random,

    /// <summary>The given test part; the end of the given train part, in the order of ByOrder, validates.</summary>
    AsGiven,
}

/// <summary>
/// How samples become train, validation and test. By default the first six sevenths train, as six of Criteo's seven
/// days do, and the last is halved (Shi, Mudigere, Naumov and Yang, KDD 2020, section 5). A share that the rule does not ask for is null.
/// </summary>
/// <param name="Kind">The rule.</param>
/// <param name="Train">See <see cref="Train"/>.</param>
/// <param name="Validation">Share of the validation part; for <see cref="ClickSplitKind.AsGiven"/>, of the given training part.</param>
/// <param name="MinimumCount">Categories with fewer samples in train share their field's last number.</param>
public sealed record ClickSplitOptions(
    ClickSplitKind Kind = ClickSplitKind.ByOrder, double? Train = 6.0 / 7, double Validation = 1.0 / 14, int MinimumCount = 1)
{
    /// <summary>Share of the training part, of byOrder and random.</summary>
    public double? Train { get; } = Kind == ClickSplitKind.AsGiven ? null : Train ?? 6.0 / 7;

    /// <summary>Share of the test part: what the two others leave.</summary>
    public double? Test => Train is { } train ? Math.Round(1 - train - Validation, 12) : null;

    /// <exception cref="ArgumentException">A value makes no sense; the message says which.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Kind))
            throw new ArgumentException($"Split kind {(int)Kind} is none of {string.Join(", ", Enum.GetNames<ClickSplitKind>())}.");
        if (!(Validation > 0 && Validation < 1))
            throw new ArgumentException($"Validation must lie between 0 and 1, both excluded; it is {Validation}.");
        if (Kind != ClickSplitKind.AsGiven && !(Train > 0 && Train < 1))
            throw new ArgumentException($"Train must lie between 0 and 1, both excluded; it is {Train}.");
        if (Kind != ClickSplitKind.AsGiven && Train + Validation > 1 + 1e-9)
            throw new ArgumentException($"Train + Validation must be at most 1; it is {Train + Validation}.");
        if (MinimumCount < 1)
            throw new ArgumentException($"MinimumCount must be at least 1; it is {MinimumCount}.");
    }
}
