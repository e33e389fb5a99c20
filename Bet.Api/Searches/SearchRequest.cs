using Bet.Engine.Data;
using Bet.Engine.Search;

namespace Bet.Api.Searches;

/// <summary>How interactions become train, validation and test.</summary>
public sealed record SplitRequest
{
    /// <summary>asGiven (the data set's own test part), random, byTime or leaveOneOut; left out: asGiven where the data set has a test part, else random.</summary>
    public SplitKind? Kind { get; init; }

    /// <summary>Share of the training part.</summary>
    public double? Train { get; init; }

    /// <summary>Share of the validation part; for asGiven, of the given training part.</summary>
    public double? Validation { get; init; }
}

/// <summary>What to search for. Only dataset and budget must be given.</summary>
public sealed record SearchRequest
{
    /// <summary>The id of a data set.</summary>
    /// <example>example</example>
    public string? Dataset { get; init; }

    /// <summary>The model that the table is for: mf, ncf, ngcf or lightgcn (the default).</summary>
    /// <example>mf</example>
    public string? Backbone { get; init; }

    /// <summary>Exactly one of sparsity, parameters and bytes.</summary>
    public BudgetRequest? Budget { get; init; }

    /// <summary>How much work the search may be: quick, standard (the default) or thorough. Sets the numbers below that are not given.</summary>
    /// <example>quick</example>
    public Effort? Effort { get; init; }

    /// <summary>The same request with the same seed gives the same bytes. Default 1.</summary>
    /// <example>1</example>
    public ulong? Seed { get; init; }

    public SplitRequest? Split { get; init; }

    /// <summary>Check and answer what would be done, but do not do it.</summary>
    public bool? ValidateOnly { get; init; }

    /// <summary>For the client's own use; lists can be filtered by it.</summary>
    public string? Label { get; init; }

    /// <summary>Values of a full row, d_max. Default 128.</summary>
    public int? MaximumSize { get; init; }

    /// <summary>The least values of a row, d_min. Default 1.</summary>
    public int? MinimumSize { get; init; }

    /// <summary>Propagation layers of lightgcn and ngcf. Default 3.</summary>
    public int? Layers { get; init; }

    /// <summary>Share of a layer's messages that training drops; ngcf alone. Default 0.1.</summary>
    public float? MessageDropout { get; init; }

    /// <summary>Share of the nodes whose messages training drops; ngcf alone. Default 0.</summary>
    public float? NodeDropout { get; init; }

    /// <summary>Standard deviation of the tables' first values. The default is the backbone's own; docs/defaults.md lists them.</summary>
    public float? InitialDeviation { get; init; }

    /// <summary>What training minimises: bpr, or softmax over negatives that a batch shares. The default is the backbone's own; docs/defaults.md lists them.</summary>
    /// <example>softmax</example>
    public string? Loss { get; init; }

    /// <summary>Items drawn for a batch, for the softmax.</summary>
    public int? Negatives { get; init; }

    /// <summary>Scores are divided by it in the softmax.</summary>
    public float? Temperature { get; init; }

    /// <summary>Whether the score is the cosine of two rows instead of their inner product.</summary>
    public bool? Cosine { get; init; }

    /// <summary>Tables that are tried. Default 16 for quick, 30 for standard, 50 for thorough.</summary>
    public int? Trials { get; init; }

    /// <summary>Tables that are drawn for one trial, of which one is chosen. Default 100.</summary>
    public int? Candidates { get; init; }

    /// <summary>How many of the best tables are trained from scratch. Default 5.</summary>
    public int? Retrained { get; init; }

    /// <summary>The most epochs of the full table. Default 30 for quick, 100 for standard, 300 for thorough.</summary>
    public int? PretrainEpochs { get; init; }

    /// <summary>Epochs of one trial. Default 5 for quick, 10 for standard, 15 for thorough.</summary>
    public int? FineTuneEpochs { get; init; }

    /// <summary>The most epochs of a table that is trained from scratch. Default 30 for quick, 100 for standard, 300 for thorough.</summary>
    public int? RetrainEpochs { get; init; }

    /// <summary>Interactions in one step of training. The default follows the data: about a hundredth of the training part.</summary>
    public int? BatchSize { get; init; }

    /// <summary>The first learning rate of every training; it falls over the run. The default is the backbone's own.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Weight of the squared norm of the embeddings. The default is the backbone's own.</summary>
    public float? L2 { get; init; }

    /// <summary>Epochs between validations. Default 5.</summary>
    public int? EvaluateEvery { get; init; }

    /// <summary>Validations without improvement before training stops. Default 4.</summary>
    public int? Patience { get; init; }

    internal SearchOverrides Overrides() => new()
    {
        MaximumSize = MaximumSize,
        MinimumSize = MinimumSize,
        Layers = Layers,
        MessageDropout = MessageDropout,
        NodeDropout = NodeDropout,
        InitialDeviation = InitialDeviation,
        Loss = Loss,
        Negatives = Negatives,
        Temperature = Temperature,
        Cosine = Cosine,
        Trials = Trials,
        Candidates = Candidates,
        Retrained = Retrained,
        PretrainEpochs = PretrainEpochs,
        FineTuneEpochs = FineTuneEpochs,
        RetrainEpochs = RetrainEpochs,
        BatchSize = BatchSize,
        LearningRate = LearningRate,
        L2 = L2,
        EvaluateEvery = EvaluateEvery,
        Patience = Patience,
    };
}
