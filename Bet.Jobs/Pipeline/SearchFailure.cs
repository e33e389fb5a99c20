using Bet.Engine.Data;
using Bet.Engine.GivenTables;
using Bet.Engine.Search;

namespace Bet.Jobs.Pipeline;

/// <summary>Why a search failed.</summary>
/// <param name="Code">For a program.</param>
/// <param name="Message">For a person.</param>
internal sealed record SearchFailure(string Code, string Message)
{
    public static SearchFailure Of(Exception error) => error switch
    {
        StepDiedException => new("step-died", error.Message),
        BudgetException e => new("budget", $"{e.Field}: {e.Message}"),
        DataFormatException or DataTooLargeException => new("data", error.Message),
        GivenTableException e => new("table", $"{e.Field}: {e.Message}"),
        OutOfMemoryException => new("out-of-memory", "the search needs more memory than this machine has; ask for a smaller maximumSize (of click data: size) or batchSize"),
        IOException or UnauthorizedAccessException => new("storage", $"{error.Message}; once that is mended the search can be resumed"),
        _ => new("engine", error.Message),
    };
}

/// <summary>A step has ended its process too often.</summary>
public sealed class StepDiedException(string step, int attempts) : Exception(
    $"step {step} was begun {attempts} times and each time the process ended before the step did; " +
    "the usual reason is memory: ask for a smaller maximumSize (of click data: size) or batchSize, or give the server more");
