using System.Text.Json.Serialization;
using Bet.Engine.Backbones;

namespace Bet.Engine.Training;

/// <summary>How a learning rate falls from its first to its last value over a run.</summary>
public enum RateDecay
{
    /// <summary>By the same factor every step: as long at every order of magnitude.</summary>
    Geometric,

    /// <summary>By the same amount every step: high for most of the run, which large batches bear and gain by.</summary>
    Linear,
}

/// <summary>Adam's learning rate, falling from the first to the last.</summary>
/// <param name="First">Of the first step.</param>
/// <param name="Last">Of the last step.</param>
/// <param name="Decay">How it falls.</param>
public sealed record LearningRateSchedule(float First, float Last, RateDecay Decay = RateDecay.Geometric)
{
    /// <summary>The rate of a step, counted from 1, of a run of so many steps.</summary>
    public float At(int step, int steps)
    {
        float done = (float)(step - 1) / Math.Max(1, steps - 1);
        return Decay == RateDecay.Geometric ? First * MathF.Pow(Last / First, done) : First + ((Last - First) * done);
    }
}

/// <summary>One training run.</summary>
/// <param name="Epochs">The most passes over the training interactions.</param>
/// <param name="BatchSize">Interactions a step; null follows the data, see <see cref="Data.BatchSizes"/>.</param>
/// <param name="Schedule">The learning rate.</param>
/// <param name="L2">Weight of the squared norm of the batch's rows of the tables.</param>
/// <param name="EvaluateEvery">Epochs between validations.</param>
/// <param name="Patience">Validations without improvement before training stops.</param>
/// <param name="Loss">What is minimised.</param>
/// <param name="Beta2">
/// Adam's decay of the mean of squared gradients, in [0, 1). An epoch of few steps, of large batches, learns faster with
/// less than the usual 0.999: its gradients shrink within fewer steps than that remembers.
/// </param>
/// <param name="RepresentationL2">Weight of the squared norm of what represents them: <see cref="L2Weights.Representations"/>.</param>
public sealed record TrainingOptions(
    int Epochs, int? BatchSize, LearningRateSchedule Schedule, float L2, int EvaluateEvery, int Patience,
    LossOptions Loss, float Beta2 = 0.999f, float RepresentationL2 = 0)
{
    /// <summary>Both weights.</summary>
    [JsonIgnore]
    public L2Weights Decay
    {
        get => new(L2, RepresentationL2);
        init => (L2, RepresentationL2) = value;
    }

    /// <summary>The same with another decay and, where one is given, another first rate, the last in proportion.</summary>
    internal TrainingOptions With(L2Weights decay, float? learningRate) => this with
    {
        Decay = decay,
        Schedule = learningRate is { } first ? Schedule with { First = first, Last = Schedule.Last * (first / Schedule.First) } : Schedule,
    };
}
