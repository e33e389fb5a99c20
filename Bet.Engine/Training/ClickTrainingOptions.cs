using Bet.Engine.Compute;

namespace Bet.Engine.Training;

/// <summary>A learning rate that rises from 0 over the first steps and then stays, or falls to 0.</summary>
/// <param name="Rate">The highest.</param>
/// <param name="WarmUp">Share of all steps over which it rises by the same amount each step, in [0, 1).</param>
/// <param name="Falls">Whether it falls by the same amount every step after that, to reach 0 behind the last.</param>
public sealed record WarmUpSchedule(float Rate, double WarmUp = 0, bool Falls = false)
{
    /// <summary>The rate of a step, counted from 1, of a run of so many steps.</summary>
    public float At(int step, int steps)
    {
        int rising = (int)(WarmUp * steps);
        if (step <= rising)
            return Rate * step / rising;
        return Falls ? (float)(Rate * (double)(steps - step + 1) / (steps - rising)) : Rate;
    }
}

/// <summary>One training run of a click model; stored with the result.</summary>
public sealed record ClickTrainingOptions
{
    /// <summary>The most passes over the training samples. Where these are many, more than one or two overfit the rows of rare categories.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Samples a step; null follows the data, see <see cref="Data.BatchSizes.OfClicks"/>.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Of the dense weights, and of rows, which must keep the states of the same: those that a batch reads.</summary>
    public Optimiser Optimiser { get; init; } = Optimiser.AmsGrad;

    /// <summary>The learning rate.</summary>
    public WarmUpSchedule Schedule { get; init; } = new(0.001f);

    /// <summary>Steps between validations; null: an epoch. The last step is followed by one in any case.</summary>
    public int? ValidateEvery { get; init; }

    /// <summary>Validations without improvement before training stops.</summary>
    public int Patience { get; init; } = 3;

    /// <exception cref="ArgumentException">A number is out of its range; the message says which.</exception>
    public void Validate()
    {
        if (Epochs < 1 || BatchSize < 1 || ValidateEvery < 1 || Patience < 1)
            throw new ArgumentException($"epochs {Epochs}, batchSize {BatchSize}, validateEvery {ValidateEvery} and patience {Patience} are at least 1");
        if (!(Schedule.Rate > 0) || !float.IsFinite(Schedule.Rate) || !(Schedule.WarmUp >= 0 && Schedule.WarmUp < 1))
            throw new ArgumentException($"the rate {Schedule.Rate} is above 0 and the warm-up {Schedule.WarmUp} in [0, 1)");
    }
}

/// <summary>What a training run of a click model says after every validation; without any, after every epoch.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps at most.</param>
/// <param name="Loss">Mean log loss of the steps since the last time, before each.</param>
/// <param name="Validation">Log loss of the validation part; null where nothing is validated.</param>
/// <param name="SamplesPerSecond">Trained on since the last time, or since this process went on.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="MemoryBytes">What this process holds resident.</param>
public readonly record struct ClickTrainingProgress(
    int Step, int Steps, double Loss, double? Validation, double SamplesPerSecond, float LearningRate, long MemoryBytes)
    : ITrainingProgress
{
    public double Fraction => (double)Step / Steps;

    public string Detail => FormattableString.Invariant(
        $"step {Step} of {Steps}, log loss {Loss:0.0000}, validation {Validation:0.0000}, {SamplesPerSecond:0} samples a second");
}

/// <summary>How a training run ended. The model has the weights of <paramref name="BestStep"/>.</summary>
/// <param name="Steps">Steps trained.</param>
/// <param name="BestStep">After which the validation log loss was least; the last where nothing was validated.</param>
/// <param name="Validation">The log loss at that step; null where nothing was validated.</param>
public sealed record ClickTrainingOutcome(int Steps, int BestStep, double? Validation);

/// <summary>Where a training run stands, beside its weights.</summary>
internal sealed record ClickTrainingState
{
    /// <summary>Steps done in all, which bias corrections and the rate go by.</summary>
    public int Steps { get; set; }

    /// <summary>Sum of the losses of the steps since the last report.</summary>
    public double Losses { get; set; }

    /// <summary>Steps since the last report.</summary>
    public int LossSteps { get; set; }

    /// <summary>A validation is due before the next step.</summary>
    public bool ValidationDue { get; set; }

    public double? Validation { get; set; }

    public double? BestValidation { get; set; }

    public int BestStep { get; set; }

    /// <summary>Validations since the best.</summary>
    public int WithoutImprovement { get; set; }
}
