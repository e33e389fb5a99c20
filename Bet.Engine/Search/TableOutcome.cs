using Bet.Engine.Backbones;
using Bet.Engine.Evaluation;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>A table trained to its end.</summary>
/// <param name="Weights">Its values, packed, and the backbone's.</param>
/// <param name="Training">How the training ended.</param>
/// <param name="Test">On the test part; null where it was not asked for.</param>
internal sealed record TableOutcome(TrainedWeights Weights, TrainingOutcome Training, RankingMetrics? Test)
{
    /// <summary>What it was trained with; null where nothing was trained.</summary>
    public L2Weights? Decay { get; init; }

    /// <summary>See <see cref="TableTraining.LearningRate"/>; null where nothing was trained.</summary>
    public float? LearningRate { get; init; }

    /// <summary>
    /// What another training, over as many epochs, must not fall behind: <see cref="TrainingOutcome.Bests"/>. None where validation
    /// was best early, as for fewer epochs both may do better, and not in the same order.
    /// </summary>
    public IReadOnlyList<double> Bests { get; init; } = [];

    public RankingMetrics Validation => Training.Validation!;

    public double Quality => Evaluation.Quality.Of(Validation);
}
