using Bet.Engine.Data;

namespace Bet.Engine.Search;

/// <summary>How much work a search may be; a preset of the numbers in <see cref="SearchOptions"/>.</summary>
public enum Effort
{
    Quick,
    Standard,
    Thorough,
}

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
/// <param name="BatchSize">Interactions a step.</param>
/// <param name="Schedule">The learning rate.</param>
/// <param name="L2">Weight of the squared norm of the batch's embeddings.</param>
/// <param name="EvaluateEvery">Epochs between validations.</param>
/// <param name="Patience">Validations without improvement before training stops.</param>
public sealed record TrainingOptions(
    int Epochs, int BatchSize, LearningRateSchedule Schedule, float L2, int EvaluateEvery, int Patience);

/// <summary>
/// Everything that decides a search's result: the same options over the same data give the same bytes. Immutable,
/// stored with the result.
/// </summary>
public sealed record SearchOptions
{
    /// <summary>A name of <c>BackboneRegistry</c>: "mf", "lightgcn".</summary>
    public required string Backbone { get; init; }

    public required BudgetRequest Budget { get; init; }

    public Effort Effort { get; init; } = Effort.Standard;

    public ulong Seed { get; init; } = 1;

    public required SplitOptions Split { get; init; }

    /// <summary>d_max: values of a full row.</summary>
    public int MaximumSize { get; init; } = 128;

    /// <summary>d_min: the least values of a row.</summary>
    public int MinimumSize { get; init; } = 1;

    /// <summary>Propagation layers, where the backbone has any.</summary>
    public int Layers { get; init; } = 3;

    /// <summary>T: actions that are evaluated.</summary>
    public required int Trials { get; init; }

    /// <summary>m: actions drawn for one trial, of which one is chosen.</summary>
    public int Candidates { get; init; } = 100;

    /// <summary>How many of the best actions are trained from scratch.</summary>
    public required int Retrained { get; init; }

    public required TrainingOptions Pretraining { get; init; }

    public required TrainingOptions FineTuning { get; init; }

    public required TrainingOptions Retraining { get; init; }

    /// <summary>The durable steps, in order.</summary>
    public IReadOnlyList<SearchStep> Steps() =>
    [
        new(StepKind.Prepare, 0),
        new(StepKind.Pretrain, 0),
        .. Enumerable.Range(0, Trials).Select(i => new SearchStep(StepKind.Trial, i)),
        .. Enumerable.Range(0, Math.Min(Retrained, Trials)).Select(i => new SearchStep(StepKind.Retrain, i)),
        new(StepKind.Uniform, 0),
        new(StepKind.Export, 0),
    ];
}
