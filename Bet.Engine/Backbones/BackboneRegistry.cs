using Bet.Engine.Embeddings;
using Bet.Engine.Search;

namespace Bet.Engine.Backbones;

/// <summary>
/// What a backbone is trained with unless a request says otherwise; docs/defaults.md says how the numbers were found.
/// </summary>
/// <param name="LearningRate">Of the first step.</param>
/// <param name="LastLearningRate">Of the last step, to which it falls geometrically.</param>
/// <param name="L2">Weight of the squared norm of the batch's rows of the tables.</param>
/// <param name="Loss">What is minimised.</param>
/// <param name="MessageDropout">See <see cref="BackboneOptions.MessageDropout"/>.</param>
/// <param name="InitialDeviation">See <see cref="BackboneOptions.InitialDeviation"/>.</param>
/// <param name="IsProduct">Whether the score is a product of two representations, and not what a network makes of them.</param>
/// <param name="HasDenseWeights">Whether it has weights of its own beside the table.</param>
public sealed record BackboneDefaults(
    float LearningRate, float LastLearningRate, float L2, LossOptions Loss, float MessageDropout = 0,
    float InitialDeviation = 0.1f, bool IsProduct = true, bool HasDenseWeights = false)
{
    private static readonly EffortEpochs ManyEpochs = new(30, 100, 300);

    /// <summary>The most epochs of a training from scratch; an epoch is about a hundred steps whatever the data.</summary>
    public EffortEpochs Epochs { get; init; } = ManyEpochs;

    /// <summary>Weight of the squared norm of what represents them in a score.</summary>
    public float RepresentationL2 { get; init; }

    /// <summary>See <see cref="SearchOptions.LesserDecays"/>.</summary>
    public IReadOnlyList<L2Weights> LesserDecays { get; init; } = [];

    /// <summary>See <see cref="SearchOptions.LesserRates"/>. They go with strong decay: other losses' rates are low as they are.</summary>
    public IReadOnlyList<float> LesserRates => LesserDecays.Count > 0 ? [1f / 3, 1f / 9] : [];

    /// <summary>See <see cref="SearchOptions.WarmRates"/>.</summary>
    public WarmRates WarmRates { get; init; } = WarmRates.ToTheEnd;

    /// <summary>See <see cref="SearchOptions.TrialRates"/>.</summary>
    public WarmRates TrialRates { get; init; } = WarmRates.OfTrial;

    /// <summary>
    /// Whether a trial of method bet-plus trains as long as what is found: where short trainings do not show what narrow rows
    /// come to. docs/decisions/2026-11-23-trials-to-the-end.md has the measurements.
    /// </summary>
    public bool TriesToTheEnd { get; init; }

    /// <summary>Whether it has layers that propagate along interactions.</summary>
    public bool Propagates { get; init; }

    /// <summary>Whether its training drops messages and nodes.</summary>
    public bool Drops { get; init; }

    /// <summary>What coarse rows may begin on, where the backbone's tables can be turned; the likeliest to be best first.</summary>
    public IReadOnlyList<ColumnAxes> Axes { get; init; } = [ColumnAxes.Principal];

    /// <summary>What holds for any other loss than <see cref="Loss"/>, cosines included; null: the same.</summary>
    public BackboneDefaults? OtherLoss { get; init; }

    /// <summary>The defaults for a loss: strong decay that suits one may leave another nothing to learn.</summary>
    public BackboneDefaults For(LossOptions loss) =>
        loss.Name == Loss.Name && loss.Cosine == Loss.Cosine ? this : OtherLoss ?? this;
}

/// <summary>Epochs by how much work a search may be.</summary>
public sealed record EffortEpochs(int Quick, int Standard, int Thorough)
{
    public int For(Effort effort) => effort switch
    {
        Effort.Quick => Quick,
        Effort.Standard => Standard,
        _ => Thorough,
    };
}

/// <summary>The backbones by name. A new one is a file of its own and a line here.</summary>
public static class BackboneRegistry
{
    private static readonly Dictionary<string, (Func<BackboneInputs, Backbone> Make, BackboneDefaults Defaults)> Entries = new()
    {
        ["mf"] = (inputs => new MatrixFactorization(inputs), new(0.03f, 0.002f, 0.25f, LossOptions.Softmax(negatives: 1024), InitialDeviation: 0.01f)
        {
            LesserDecays = [new(0.15f), new(0.08f)],
            Epochs = new(20, 20, 40),
            WarmRates = WarmRates.Gentle,
            TrialRates = WarmRates.Gentle,
            TriesToTheEnd = true,
            Axes = [ColumnAxes.Even],
            OtherLoss = new(0.01f, 0.0005f, 3e-3f, LossOptions.Bpr, InitialDeviation: 0.01f),
        }),
        ["ncf"] = (inputs => new NeuralCollaborativeFiltering(inputs), new(0.03f, 0.002f, 0.25f, LossOptions.Softmax(negatives: 1024), InitialDeviation: 0.01f, IsProduct: false, HasDenseWeights: true)
        {
            LesserDecays = [new(0.15f), new(0.08f)],
            Epochs = new(20, 20, 30),
            WarmRates = WarmRates.Gentle,
            TrialRates = WarmRates.Gentle,
            TriesToTheEnd = true,
            Axes = [ColumnAxes.Even],
            OtherLoss = new(0.01f, 0.001f, 1e-3f, LossOptions.Bpr, InitialDeviation: 0.01f, IsProduct: false, HasDenseWeights: true),
        }),
        ["ngcf"] = (inputs => new Ngcf(inputs), new(0.02f, 0.002f, 0.2f, LossOptions.Softmax(negatives: 1024), MessageDropout: 0.1f, HasDenseWeights: true)
        {
            Propagates = true,
            Drops = true,
            LesserDecays = [new(0.12f), new(0.07f)],
            Epochs = new(12, 20, 40),
            OtherLoss = new(0.005f, 0.0005f, 1e-4f, LossOptions.Bpr, MessageDropout: 0.1f, InitialDeviation: 0.01f, HasDenseWeights: true),
        }),
        ["lightgcn"] = (inputs => new LightGcn(inputs), new(0.03f, 0.002f, 3e-2f, LossOptions.Softmax(negatives: 1024))
        {
            Propagates = true,
            RepresentationL2 = 7e-2f,
            LesserDecays = [new(3.5e-2f), new(1.5e-2f), new(7.5e-3f)],
            Epochs = new(20, 20, 40),
            Axes = [ColumnAxes.Even, ColumnAxes.Principal],
            OtherLoss = new(0.01f, 0.001f, 1e-4f, LossOptions.Bpr),
        }),
    };

    public static IReadOnlyCollection<string> Names => Entries.Keys;

    /// <exception cref="ArgumentException">There is no such backbone; the message lists those there are.</exception>
    public static Backbone Create(BackboneInputs inputs) => Find(inputs.Options.Name).Make(inputs);

    /// <exception cref="ArgumentException">There is no such backbone; the message lists those there are.</exception>
    public static BackboneDefaults DefaultsOf(string name) => Find(name).Defaults;

    /// <summary>A backbone of rows of that many values, with its own defaults.</summary>
    /// <exception cref="ArgumentException">There is no such backbone; the message lists those there are.</exception>
    public static BackboneOptions OptionsFor(string name, int maximumSize)
    {
        var defaults = DefaultsOf(name);
        return new BackboneOptions
        {
            Name = name,
            MaximumSize = maximumSize,
            MessageDropout = defaults.MessageDropout,
            InitialDeviation = defaults.InitialDeviation,
        };
    }

    /// <summary>How two representations give a score: "inner product", "cosine" or "network".</summary>
    public static string ScoreOf(string name, LossOptions loss) =>
        !Find(name).Defaults.IsProduct ? "network" : loss.Cosine ? "cosine" : "inner product";

    private static (Func<BackboneInputs, Backbone> Make, BackboneDefaults Defaults) Find(string name) =>
        Entries.TryGetValue(name, out var entry)
            ? entry
            : throw new ArgumentException($"there is no backbone '{name}'; there are {string.Join(", ", Names)}");
}
