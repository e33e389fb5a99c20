namespace Bet.Engine.Search;

/// <summary>What the steps of a search follow from, whatever it is over.</summary>
public interface IStepOptions
{
    /// <summary>See <see cref="SearchOptions.ParallelTrials"/>.</summary>
    int ParallelTrials { get; }

    /// <summary>The durable steps, in order.</summary>
    IReadOnlyList<SearchStep> Steps();
}

/// <summary>A search as durable steps, whatever it is over. Each step reads what earlier ones stored and stores its own result.</summary>
public interface ISearchEngine : IDisposable
{
    /// <summary>Whether the step's result is stored already.</summary>
    bool IsDone(SearchStep step);

    /// <summary>Runs one step to its end.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; noticed within a second.</exception>
    /// <exception cref="BudgetException">The budget cannot be met; Prepare says so.</exception>
    void Run(SearchStep step, Action<StepProgress>? progress, CancellationToken cancel);

    /// <summary>After a cancelled search: writes the artifacts of the best so far. False where there is nothing to keep.</summary>
    bool ExportBestSoFar();
}
