using Bet.Engine.Backbones;

namespace Bet.Engine.Training;

/// <summary>
/// Adam's learning rate, falling from the first to the last. With <paramref name="DecaySteps"/>, times
/// <paramref name="Decay"/> every so many steps, never below the last (BET's schedule); without, geometrically over all
/// steps of the run.
/// </summary>
public sealed record LearningRateSchedule(float First, float Last, float Decay = 1, int? DecaySteps = null)
{
    /// <summary>The rate of a step, counted from 1, of a run of so many steps.</summary>
    public float At(int step, int steps) => DecaySteps is { } every
        ? Math.Max(Last, First * MathF.Pow(Decay, (step - 1) / every))
        : First * MathF.Pow(Last / First, (float)(step - 1) / Math.Max(1, steps - 1));
}

/// <summary>One training run.</summary>
/// <param name="Epochs">The most passes over the training interactions.</param>
/// <param name="BatchSize">Interactions a step; null follows the data, see <see cref="Data.BatchSizes"/>.</param>
/// <param name="Schedule">The learning rate.</param>
/// <param name="L2">Weight of the squared norm of the batch's embeddings.</param>
/// <param name="EvaluateEvery">Epochs between validations.</param>
/// <param name="Patience">Validations without improvement before training stops.</param>
/// <param name="Loss">What is minimised.</param>
public sealed record TrainingOptions(
    int Epochs, int? BatchSize, LearningRateSchedule Schedule, float L2, int EvaluateEvery, int Patience,
    LossOptions Loss);
