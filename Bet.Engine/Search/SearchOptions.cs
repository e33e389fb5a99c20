using System.Text.Json.Serialization;
using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>How much work a search may be; a preset of the numbers in <see cref="SearchOptions"/>.</summary>
public enum Effort
{
    Quick,
    Standard,
    Thorough,
}

/// <summary>
/// Everything that decides a search's result: the same options over the same data give the same bytes. Immutable,
/// stored with the result.
/// </summary>
public sealed record SearchOptions : IStepOptions
{
    /// <summary>A name of <see cref="BackboneRegistry"/>: "mf", "ncf", "ngcf", "lightgcn".</summary>
    public required string Backbone { get; init; }

    /// <summary>The bound; where there are <see cref="Budgets"/>, the first of them, and in a point's options that point's.</summary>
    public required BudgetRequest Budget { get; init; }

    public IReadOnlyList<BudgetRequest>? Budgets { get; init; }

    public Effort Effort { get; init; } = Effort.Standard;

    public ulong Seed { get; init; } = 1;

    public required SplitOptions Split { get; init; }

    /// <summary>d_max: values of a full row.</summary>
    public int MaximumSize { get; init; } = 128;

    /// <summary>d_min: the least values of a row; with 0, rare rows may share vectors.</summary>
    public int MinimumSize { get; init; } = 1;

    /// <summary>A name of <see cref="SearchMethods"/>.</summary>
    public string Method { get; init; } = SearchMethods.BetPlus;

    /// <summary>How both sides of the table that is searched for are stored; null: the method's choice.</summary>
    public Precision? Precision { get; init; }

    /// <summary>
    /// Whether the full table is turned to its principal axes and every table within the budget trained from its prefixes;
    /// else, as in the paper, only trials begin with prefixes, of the table as it was trained, and what they found is trained
    /// from random values.
    /// </summary>
    public bool WarmStart { get; init; }

    /// <summary>Of a training to the end of wide rows, where it begins with the full table's prefixes.</summary>
    public WarmRates WarmRates { get; init; } = WarmRates.ToTheEnd;

    /// <summary>Likewise of a trial.</summary>
    public WarmRates TrialRates { get; init; } = WarmRates.OfTrial;

    /// <summary>The full table, where it is given and not trained; needs <see cref="WarmStart"/>. Null: it is trained.</summary>
    public GivenTableUse? Table { get; init; }

    /// <summary>Propagation layers, where the backbone has any.</summary>
    public int Layers { get; init; } = 3;

    /// <summary>Share of the values of a layer's messages that training drops, where the backbone has any.</summary>
    public float MessageDropout { get; init; }

    /// <summary>Share of the nodes whose messages training drops, where the backbone has any.</summary>
    public float NodeDropout { get; init; }

    /// <summary>Standard deviation of the tables' first values.</summary>
    public float InitialDeviation { get; init; } = 0.1f;

    /// <summary>T: actions that are evaluated.</summary>
    public required int Trials { get; init; }

    /// <summary>
    /// How many trials may be under way at once: each goes by the results of those at least so many before it, and by the
    /// choices of those in between, however many workers there are.
    /// </summary>
    public int ParallelTrials { get; init; } = 1;

    /// <summary>m: actions drawn for one trial, of which one is chosen.</summary>
    public int Candidates { get; init; } = 100;

    /// <summary>How many of the best actions are trained to the end.</summary>
    public required int Retrained { get; init; }

    /// <summary>Names of <see cref="ComparedTables"/>: the rows beside the found table.</summary>
    public IReadOnlyList<string> Compare { get; init; } = [ComparedTables.Uniform];

    /// <summary>
    /// Whether the found table, and the rows beside it, are trained again on the training and the validation part
    /// together, for as many epochs as were best.
    /// </summary>
    public bool Refit { get; init; }

    /// <summary>Of the full table.</summary>
    public required TrainingOptions Pretraining { get; init; }

    /// <summary>
    /// Weaker and weaker decays: the full table is trained again with one after the other as long as that is better, and all other
    /// tables with the one that was best. docs/decisions/2026-11-23-decay-by-the-data.md has the measurements.
    /// </summary>
    public IReadOnlyList<L2Weights> LesserDecays { get; init; } = [];

    /// <summary>
    /// Shares of the learning rate, smaller and smaller, that are tried likewise where the training interactions are few;
    /// each with the decay that was best before, and with less. docs/decisions/2026-11-23-rate-by-the-data.md has the measurements.
    /// </summary>
    public IReadOnlyList<float> LesserRates { get; init; } = [];

    /// <summary>Of a trial, as it suits full rows; see <see cref="NarrowTraining"/>.</summary>
    public required TrainingOptions FineTuning { get; init; }

    /// <summary>Of a table that is trained to the end, as it suits full rows; see <see cref="NarrowTraining"/>.</summary>
    public required TrainingOptions Retraining { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public double TrialsPerRetraining => (double)Retraining.Epochs / FineTuning.Epochs;

    /// <summary>The backbone's own options.</summary>
    [JsonIgnore]
    public BackboneOptions BackboneOptions => new()
    {
        Name = Backbone,
        MaximumSize = MaximumSize,
        Layers = Layers,
        Cosine = Pretraining.Loss.Cosine,
        MessageDropout = MessageDropout,
        NodeDropout = NodeDropout,
        InitialDeviation = InitialDeviation,
        Seed = Seed,
    };

    /// <summary>The same with another decay, and another first rate where one is given, in all trainings.</summary>
    internal SearchOptions With(L2Weights decay, float? learningRate = null) => this with
    {
        Pretraining = Pretraining.With(decay, learningRate),
        FineTuning = FineTuning.With(decay, learningRate),
        Retraining = Retraining.With(decay, learningRate),
    };

    public IReadOnlyList<SearchStep> PointSteps() =>
    [
        new(StepKind.Prepare, 0),
        new(StepKind.Pretrain, 0),
        .. Enumerable.Range(0, Trials).Select(i => new SearchStep(StepKind.Trial, i)),
        .. Enumerable.Range(0, Math.Min(Retrained, Trials)).Select(i => new SearchStep(StepKind.Retrain, i)),
        .. Compare.Select((_, i) => new SearchStep(StepKind.Compare, i)),
        // The full table, the found one and those beside it.
        .. Refit ? Enumerable.Range(0, Compare.Count + 2).Select(i => new SearchStep(StepKind.Refit, i)) : [],
        new(StepKind.Export, 0),
    ];
}
