using Bet.Engine.Evaluation;

namespace Bet.Engine.Training;

/// <summary>What a training run says after every epoch.</summary>
/// <param name="Epoch">Epochs done.</param>
/// <param name="Epochs">Epochs at most.</param>
/// <param name="Loss">Mean loss of the epoch's steps.</param>
/// <param name="Validation">The latest validation, if there was one yet.</param>
/// <param name="MillisecondsPerStep">Wall time of the epoch's steps over their number.</param>
/// <param name="LearningRate">Of the epoch's last step.</param>
/// <param name="MemoryBytes">What this process holds resident.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, double Loss, RankingMetrics? Validation, double MillisecondsPerStep, float LearningRate,
    long MemoryBytes) : ITrainingProgress
{
    public double Fraction => (double)Epoch / Epochs;

    public string Detail => FormattableString.Invariant($"epoch {Epoch} of {Epochs}, loss {Loss:0.0000}")
        + (Validation is null ? "" : FormattableString.Invariant($", validation Recall@20 {Validation.RecallAt(20):0.0000}"));
}

/// <summary>How a training run ended. The backbone has the weights of <paramref name="BestEpoch"/>.</summary>
/// <param name="Epochs">Epochs trained.</param>
/// <param name="BestEpoch">The epoch with the best validation quality; the last where nothing was validated.</param>
/// <param name="Validation">At that epoch; null where nothing was validated.</param>
public sealed record TrainingOutcome(int Epochs, int BestEpoch, RankingMetrics? Validation)
{
    /// <summary>After every validation, the best quality until then.</summary>
    public IReadOnlyList<double> Bests { get; init; } = [];
}

/// <summary>Hands what is reported to an action at once, on the thread that reports.</summary>
public sealed class ProgressAction<T>(Action<T> action) : IProgress<T>
{
    public void Report(T value) => action(value);
}
