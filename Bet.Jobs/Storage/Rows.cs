namespace Bet.Jobs.Storage;

/// <summary>Where a search stands. Stored in lower case.</summary>
public enum SearchState
{
    /// <summary>Waits for a worker.</summary>
    Queued,

    /// <summary>Workers have it.</summary>
    Running,

    /// <summary>Nobody works on it until it is resumed; what was done is kept.</summary>
    Paused,

    /// <summary>Its artifacts are there.</summary>
    Succeeded,

    /// <summary>It cannot go on; the error says why.</summary>
    Failed,

    /// <summary>Asked to stop; the best table so far is being written.</summary>
    Cancelling,

    /// <summary>Stopped by its client, with the best table so far where a trial had ended.</summary>
    Cancelled,
}

/// <summary>What a data set is of. Stored in lower case.</summary>
public enum DataContent
{
    /// <summary>Users and items that they had to do with.</summary>
    Interactions,

    /// <summary>Samples with a label, numbers and categories.</summary>
    Clicks,
}

/// <summary>A data set; <see cref="Blob"/> holds its interactions or clicks.</summary>
public sealed record DatasetRow
{
    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    public DataContent Kind { get; init; }

    public string Blob { get; init; } = "";

    public long Bytes { get; init; }

    /// <summary>JSON, made by whoever read the data.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Milliseconds since 1970, as are all times here.</summary>
    public long CreatedAt { get; init; }
}

/// <summary>A full table that a client has uploaded; <see cref="Blob"/> holds it.</summary>
public sealed record FullTableRow
{
    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>The id of the data set whose users and items its rows are.</summary>
    public string Dataset { get; init; } = "";

    public string Blob { get; init; } = "";

    public long Bytes { get; init; }

    /// <summary>JSON, made by whoever read the table.</summary>
    public string Summary { get; init; } = "";

    public long CreatedAt { get; init; }
}

/// <summary>A search: what was asked, and what a client may see of its progress.</summary>
public sealed record SearchRow
{
    /// <summary>The queue of a search that asks for no other.</summary>
    public const string DefaultQueue = "default";

    public string Id { get; init; } = "";

    public string Dataset { get; init; } = "";

    public string? Label { get; init; }

    /// <summary>The id of the table that it begins with; null where the full table is trained.</summary>
    public string? FullTable { get; init; }

    public SearchState State { get; init; }

    /// <summary>SearchOptions as JSON; of a search over click data, ClickSearchOptions.</summary>
    public string Options { get; init; } = "";

    /// <summary>MemoryBudget as JSON; of a curve, a list of them; of a search over click data FieldBudget, or null where it has none. Prepare may change it.</summary>
    public string Budget { get; init; } = "";

    public int StepCount { get; init; }

    public int StepsDone { get; init; }

    /// <summary>The step that runs, or ran last.</summary>
    public string? Step { get; init; }

    public double StepFraction { get; init; }

    public string? Detail { get; init; }

    /// <summary>The best trial so far as JSON.</summary>
    public string? Best { get; init; }

    public double? SecondsLeft { get; init; }

    /// <summary>The trained tables' numbers as JSON, once there are artifacts.</summary>
    public string? Results { get; init; }

    /// <summary>The curve through the points that are done as JSON; null under one budget.</summary>
    public string? Curve { get; init; }

    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }

    /// <summary>Higher ones are worked on first.</summary>
    public int Priority { get; init; }

    /// <summary>Only workers that serve it work on the search.</summary>
    public string Queue { get; init; } = DefaultQueue;

    /// <summary>A name for the key that the request carried; null without keys.</summary>
    public string? Owner { get; init; }

    /// <summary>It is cancelled where no worker has begun it by then; null: it waits as long as it takes.</summary>
    public long? BeginBy { get; init; }

    /// <summary>Milliseconds from its begin after which it is stopped with the best table so far; null for no bound.</summary>
    public long? LongestRun { get; init; }

    /// <summary>It is cancelled when nobody has asked for it for so many milliseconds; null: it goes on unwatched.</summary>
    public long? KeepAlive { get; init; }

    /// <summary>Grows with every change that a client can see.</summary>
    public long Revision { get; init; }

    public long CreatedAt { get; init; }

    public long? StartedAt { get; init; }

    public long? FinishedAt { get; init; }

    public bool IsFinished => State is SearchState.Succeeded or SearchState.Failed or SearchState.Cancelled;
}

/// <summary>Where a step stands; one that cannot be taken yet has no row. Stored in lower case.</summary>
public enum StepState
{
    /// <summary>Any worker may take it.</summary>
    Ready,

    /// <summary>A worker has it, until its lease ends.</summary>
    Running,

    /// <summary>Its result is stored.</summary>
    Done,
}

/// <summary>A step that is done, or can be.</summary>
public sealed record StepRow
{
    public string Name { get; init; } = "";

    public string Kind { get; init; } = "";

    public StepState State { get; init; }

    /// <summary>The worker that has it.</summary>
    public string? Worker { get; init; }

    /// <summary>How often it was begun and neither ended nor was stopped in good order.</summary>
    public int Attempts { get; init; }

    public long? StartedAt { get; init; }

    public long? FinishedAt { get; init; }

    public double? Seconds { get; init; }
}

/// <summary>One line of a search's log.</summary>
public sealed record EventRow
{
    /// <summary>From 1, without gaps.</summary>
    public long Number { get; init; }

    public long At { get; init; }

    public string Type { get; init; } = "";

    /// <summary>A JSON object.</summary>
    public string Data { get; init; } = "";
}

/// <summary>A file that a search's steps have stored.</summary>
public sealed record ArtifactRow
{
    public string Name { get; init; } = "";

    /// <summary>Its SHA-256, lower-case hex.</summary>
    public string Blob { get; init; } = "";

    public long Bytes { get; init; }
}

/// <summary>What a search has come to.</summary>
/// <param name="Results">The trained tables' numbers as JSON, where there are artifacts under one budget.</param>
/// <param name="Curve">The curve as JSON, where there are several.</param>
/// <param name="ErrorCode">Why it failed, for a program.</param>
/// <param name="ErrorMessage">Why it failed, for a person.</param>
public sealed record SearchEnd(
    string? Results = null, string? Curve = null, string? ErrorCode = null, string? ErrorMessage = null);

/// <summary>A worker's right to a step's results, until its lease ends and another worker takes the step.</summary>
/// <param name="Search">The search's id.</param>
/// <param name="Step">The step's name.</param>
/// <param name="Attempt">The fence: grows with every claim of the step; only the newest claim may write.</param>
public readonly record struct StepClaim(string Search, string Step, long Attempt);

/// <summary>A step that a worker has taken.</summary>
/// <param name="Claim">Its right to write.</param>
/// <param name="Search">The search as it is now.</param>
/// <param name="AttemptsBefore">How often the step was begun before and neither ended nor was handed back.</param>
public sealed record ClaimedStep(StepClaim Claim, SearchRow Search, int AttemptsBefore);

/// <summary>Somebody else has taken the step since; what its worker wanted to write is not written.</summary>
public sealed class ClaimLostException(StepClaim claim) : Exception(
    $"attempt {claim.Attempt} at step {claim.Step} of search {claim.Search} is no longer the newest");

/// <summary>Where a page of a list begins: behind this row, newest first.</summary>
public readonly record struct ListCursor(long CreatedAt, string Id);
