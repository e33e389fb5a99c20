using Bet.Api.Problems;
using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Api.Searches;

/// <summary>How data is split.</summary>
public enum SplitRule
{
    /// <summary>The data set's own test part.</summary>
    AsGiven,

    Random,

    /// <summary>Each user's last interactions are the test part; of interactions with timestamps.</summary>
    ByTime,

    /// <summary>Each user's last interaction is the test part, the one before it validates; of interactions.</summary>
    LeaveOneOut,

    /// <summary>The first samples train, the last are the test part: by time, or in the order of the file; of click data.</summary>
    ByOrder,
}

/// <summary>How interactions, or the samples of click data, become train, validation and test.</summary>
public sealed record SplitRequest
{
    /// <summary>Of interactions asGiven (the data set's own test part), random, byTime or leaveOneOut; of click data asGiven, random or byOrder (by time, or as the file has them). Left out: asGiven where the data set has a test part, else byOrder where click data have times, else random.</summary>
    public SplitRule? Kind { get; init; }

    /// <summary>Share of the training part, of random, byTime and byOrder. Default 0.5; of click data 0.8.</summary>
    public double? Train { get; init; }

    /// <summary>Share of the validation part; for asGiven, of the given training part; leaveOneOut has none. Default 0.25; of click data, and for asGiven, 0.1.</summary>
    public double? Validation { get; init; }

    /// <summary>Of click data: categories with fewer samples in the training part share one number. Default 1.</summary>
    public int? MinimumCount { get; init; }

    /// <param name="given">What was given.</param>
    /// <param name="train">What it comes to; null where the kind of split asks for none.</param>
    /// <param name="validation">What it comes to; null where the kind of split asks for none.</param>
    /// <param name="prefix">Of the fields' names.</param>
    /// <exception cref="RequestException">A share is none, or is not asked for, or nothing is left for the test part.</exception>
    internal static void CheckShares(SplitRequest? given, double? train, double? validation, string prefix = "split.")
    {
        if (train is null && given?.Train is { } trained)
            throw Wrong(prefix + "train", trained, "this kind of split has no such share; leave it out");
        if (validation is null && given?.Validation is { } validated)
            throw Wrong(prefix + "validation", validated, "this kind of split has no such share; leave it out");
        if (!(train is null or (> 0 and < 1)))
            throw Wrong(prefix + "train", train, "a share above 0 and below 1");
        if (!(validation is null or (> 0 and < 1)))
            throw Wrong(prefix + "validation", validation, "a share above 0 and below 1");
        if (train + validation >= 1)
            throw Wrong(prefix.TrimEnd('.'), $"train {train}, validation {validation}", "together they must stay below 1: the rest is the test part");
    }

    private static RequestException Wrong(string field, object given, string message) =>
        RequestException.Invalid(new FieldError(field, given, message));
}

/// <summary>What to search for. Only dataset and either budget or budgets must be given; of click data, collisions do instead.</summary>
public sealed record SearchRequest : SearchOverrides
{
    /// <summary>The id of a data set.</summary>
    /// <example>example</example>
    public string? Dataset { get; init; }

    /// <summary>The model that the table is for: mf, ncf, ngcf or lightgcn (the default); of click data dlrm (the default) or dcn.</summary>
    /// <example>mf</example>
    public string? Backbone { get; init; }

    /// <summary>Exactly one of sparsity, parameters and bytes; of click data, of the tables of all fields together.</summary>
    public BudgetRequest? Budget { get; init; }

    /// <summary>Instead of budget, 2 to 16 of them: a curve. Preparing and pretraining are shared; each budget has a table of its own.</summary>
    public IReadOnlyList<BudgetRequest>? Budgets { get; init; }

    /// <summary>A full table of the data set that was trained elsewhere, by its id or name, instead of one that is trained here; mf and lightgcn alone. Its rows' width is maximumSize.</summary>
    public string? Table { get; init; }

    /// <summary>Of click data and a method that has several: add, multiply, concatenate or features; quotient-remainder with multiply is quotient-remainder-multiply.</summary>
    /// <example>multiply</example>
    public string? Operation { get; init; }

    /// <summary>Of click data and a named method, instead of a budget: about how many categories share a row of a field's first table.</summary>
    /// <example>4</example>
    public int? Collisions { get; init; }

    /// <summary>Of click data and a named method: fields with no more categories have full tables. Default 200.</summary>
    public int? Threshold { get; init; }

    /// <summary>Of click data: values of a feature. Default 16.</summary>
    public int? Size { get; init; }

    /// <summary>Of click data: share of the training part that a trial trains on. Default by effort quick all of a million samples or fewer, and of more that many, but at least a quarter; by standard four million and a half.</summary>
    public double? TrialShare { get; init; }

    /// <summary>Of click data: how often a model sees the training part at most; the pass after which validation is best counts. Default 3, or 1 where there are more than a million training samples.</summary>
    public int? Epochs { get; init; }

    /// <summary>Of click data: adagrad, adam or amsGrad.</summary>
    /// <example>adagrad</example>
    public Optimiser? Optimiser { get; init; }

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
