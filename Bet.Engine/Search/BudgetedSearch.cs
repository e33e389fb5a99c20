using Bet.Engine.Compute;
using Bet.Engine.Data;

namespace Bet.Engine.Search;

/// <summary>
/// The search as a list of durable steps. Each step reads what earlier steps stored, stores its own result and can
/// be run again with the same bytes; <see cref="SearchOptions.Steps"/> lists them.
/// </summary>
public sealed class BudgetedSearch
{
    /// <summary>Artifacts are stored under this prefix: "artifacts/table.safetensors".</summary>
    public const string ArtifactPrefix = "artifacts/";

    /// <param name="options">What is searched for.</param>
    /// <param name="backend">Where it is computed.</param>
    /// <param name="store">What the steps read and write.</param>
    /// <param name="data">Reads the interactions; called by the Prepare step alone.</param>
    public BudgetedSearch(SearchOptions options, Backend backend, IStepStore store, Func<InteractionSet> data)
        => throw new NotImplementedException();

    /// <summary>Whether the step's result is stored already.</summary>
    public bool IsDone(SearchStep step) => throw new NotImplementedException();

    /// <summary>Runs one step to its end, or throws <see cref="OperationCanceledException"/> within a second of cancelling.</summary>
    public void Run(SearchStep step, Action<StepProgress>? progress, CancellationToken cancel) =>
        throw new NotImplementedException();

    /// <summary>All steps that are not done yet, in order.</summary>
    public void RunAll(Action<StepProgress>? progress, CancellationToken cancel) => throw new NotImplementedException();

    /// <summary>
    /// After a cancelled search: writes the artifacts of the best table so far (a retrained one, else the best trial's
    /// fine-tuned one). False where no trial has ended.
    /// </summary>
    public bool ExportBestSoFar() => throw new NotImplementedException();

    /// <summary>The trials that have ended, in order.</summary>
    public IReadOnlyList<TrialResult> Trials() => throw new NotImplementedException();
}
