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

/// <summary>What to search for. Only dataset and either budget or budgets must be given.</summary>
public sealed record SearchRequest : SearchOverrides
{
    /// <summary>The id of a data set.</summary>
    /// <example>example</example>
    public string? Dataset { get; init; }

    /// <summary>The model that the table is for: mf, ncf, ngcf or lightgcn (the default).</summary>
    /// <example>mf</example>
    public string? Backbone { get; init; }

    /// <summary>Exactly one of sparsity, parameters and bytes.</summary>
    public BudgetRequest? Budget { get; init; }

    /// <summary>Instead of budget, 2 to 16 of them: a curve. Preparing and pretraining are shared; each budget has a table of its own.</summary>
    public IReadOnlyList<BudgetRequest>? Budgets { get; init; }

    /// <summary>A full table of the data set that was trained elsewhere, by its id or name, instead of one that is trained here; mf and lightgcn alone. Its rows' width is maximumSize.</summary>
    public string? Table { get; init; }

    /// <summary>How much work the search may be: quick, standard (the default) or thorough. Sets the numbers below that are not given.</summary>
    /// <example>quick</example>
    public Effort? Effort { get; init; }

    /// <summary>The same request with the same seed gives the same bytes. Default 1.</summary>
    /// <example>1</example>
    public ulong? Seed { get; init; }

    public SplitRequest? Split { get; init; }

    /// <summary>Check and answer what would be done, but do not do it.</summary>
    public bool? ValidateOnly { get; init; }

    /// <summary>Searches with a higher one are worked on first; -100 to 100. Default 0.</summary>
    public int? Priority { get; init; }

    /// <summary>Only workers that serve this queue work on the search. Default: default, which workers serve unless they are told otherwise.</summary>
    public string? Queue { get; init; }

    /// <summary>The search is cancelled where no worker has begun it after so many seconds.</summary>
    public int? QueueDeadline { get; init; }

    /// <summary>The search is stopped, with the best table so far, so many seconds after it was begun.</summary>
    public int? RunDeadline { get; init; }

    /// <summary>The search is cancelled when nobody has asked for it for so many seconds, 10 or more: reading it, its trials or its events is asking.</summary>
    public int? KeepAlive { get; init; }

    /// <summary>For the client's own use; lists can be filtered by it.</summary>
    public string? Label { get; init; }
}
