using Bet.Engine.Backbones;
using Bet.Engine.Compute;

namespace Bet.Engine.Search;

/// <summary>Numbers of a search that a request sets itself; what is left out keeps the preset's or the backbone's.</summary>
public record SearchOverrides
{
    /// <summary>How tables are searched for: bet-plus (the default), which chooses precision and sizes together, or bet, the paper's. Of click data bet-plus, or a way to store tables, by which there is no search: full, hashing, quotient-remainder-multiply and others.</summary>
    /// <example>bet-plus</example>
    public string? Method { get; init; }

    /// <summary>Whether tables within the budget are trained from the full table's values, its columns in the order of what they are worth, or from random ones. Default true; by method bet false.</summary>
    public bool? WarmStart { get; init; }

    /// <summary>For a given table: whether tables within the budget are trained from its values (the default), or its values only cut and rounded, and nothing trained.</summary>
    public bool? FineTune { get; init; }

    /// <summary>Values of a full row, d_max. Default 128; of a given table, what it has.</summary>
    public int? MaximumSize { get; init; }

    /// <summary>The least values of a row, d_min. Default 1. With 0, rows that are rare may own nothing and share a vector with others as rare, so that budgets below one value a row can be met.</summary>
    public int? MinimumSize { get; init; }

    /// <summary>How the table's values are stored: float32, float16, int8, int4, int2 or int1. The fewer bits, the more values fit the budget. Left out, bet-plus chooses for each side; bet takes float32. Of click data, of a named method too, whose rows are float32 where it is left out.</summary>
    /// <example>int8</example>
    public Precision? Precision { get; init; }

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

    /// <summary>Tables that are tried. Default 10 for quick, 12 for standard and 40 for thorough; by method bet 10, 30 and 50; of click data 16, 24 and 40.</summary>
    public int? Trials { get; init; }

    /// <summary>How many trials may be under way at once, where there are workers for them: a trial goes by the results of those at least so many before it, so the result is the same for any number of workers. Default 2; by method bet 1, as in the paper.</summary>
    public int? ParallelTrials { get; init; }

    /// <summary>Tables that are drawn for one trial, of which one is chosen. Default 4000; by method bet 100; of click data 1000.</summary>
    public int? Candidates { get; init; }

    /// <summary>How many of the best tables are trained to the end. Default 1 for quick, or 2 for lightgcn, 2 for standard and 5 for thorough, or as many as there are trials; by method bet 3, 5 and 5; of click data 1, 2 and 3.</summary>
    public int? Retrained { get; init; }

    /// <summary>What the found table is compared with, under the same budget: sizes (uniform, random, power-rule, magnitude), in its precision and trained the same way, and other compressors, in float32 and trained as the full table is (hashing, quotient-remainder-add, quotient-remainder-multiply, quotient-remainder-concatenate, k-way-multiply, chinese-remainder-multiply, low-rank, product-quantisation). Default uniform alone. Of click data: ways to store tables, as for method; default hashing and quotient-remainder-multiply, where the budget holds them.</summary>
    public IReadOnlyList<string>? Compare { get; init; }

    /// <summary>Whether the found table, and those it is compared with, are trained again on the training and the validation part together, for as many epochs as were best. Default false.</summary>
    public bool? Refit { get; init; }

    /// <summary>The most epochs of the full table. Default 30 for quick, 100 for standard, 300 for thorough; 20, 20 and 40 for lightgcn and mf, 20, 20 and 30 for ncf, 12, 20 and 40 for ngcf, with their own loss. Where validation was best in their first half, it is trained again for one and a half times as many as that.</summary>
    public int? PretrainEpochs { get; init; }

    /// <summary>Epochs of one trial of full rows; shorter rows have more, up to three times as many. Default 2 for quick, 3 for standard, 4 for thorough; by method bet 2, 4 and 5; as many as retrainEpochs for mf and ncf, with their own loss, by bet-plus.</summary>
    public int? FineTuneEpochs { get; init; }

    /// <summary>The most epochs of a table within the budget, of full rows; shorter rows have more, up to three times as many. Default 6 for quick, 12 for standard, 16 for thorough from a warm start; else that of pretrainEpochs.</summary>
    public int? RetrainEpochs { get; init; }

    /// <summary>Interactions in one step of training. The default follows the data: about a hundredth of the training part; of click data 512, or of fewer than 16,384 training samples a thirty-second of these, but at least 128.</summary>
    public int? BatchSize { get; init; }

    /// <summary>The first learning rate of a training from random values; from a warm start it is down to a ninth of that. It falls over the run. The default is the backbone's own, or, where there are at most 200,000 training interactions, a third or a ninth of that if it makes a better full table.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Weight of the squared norm of the table's rows in what training minimises. The default follows the data: the backbone's own, or less where that makes a better full table; docs/defaults.md lists what is tried.</summary>
    public float? L2 { get; init; }

    /// <summary>Weight of the squared norm of the vectors whose inner product is a score: for lightgcn a row averaged with its neighbours. Not for ncf, nor with a cosine. The default is 0.07 for lightgcn with its own loss, or 0 where that makes a better full table; else 0.</summary>
    public float? RepresentationL2 { get; init; }

    /// <summary>Epochs between validations. Default 5.</summary>
    public int? EvaluateEvery { get; init; }

    /// <summary>Validations without improvement before training stops. Default 4.</summary>
    public int? Patience { get; init; }
}
