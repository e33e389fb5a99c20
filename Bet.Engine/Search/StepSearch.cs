using System.Diagnostics;

namespace Bet.Engine.Search;

/// <summary>
/// A search under one budget as a list of durable steps, whatever it is over. Each step reads what earlier steps stored,
/// stores its own result and can be run again with the same bytes.
/// </summary>
public abstract class StepSearch : ISearchEngine
{
    /// <summary>Artifacts are stored under this prefix: "artifacts/table.safetensors".</summary>
    public const string ArtifactPrefix = "artifacts/";

    private readonly StepFiles files;
    private readonly IReadOnlyList<SearchStep> steps;

    /// <param name="steps">Of one budget, in order.</param>
    /// <param name="files">What they store.</param>
    private protected StepSearch(IReadOnlyList<SearchStep> steps, StepFiles files) => (this.steps, this.files) = (steps, files);

    /// <summary>
    /// A training stores its state, where it can, once so much time has passed, and goes on from there when it is run again.
    /// </summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    public bool IsDone(SearchStep step) => files.IsDone(step);

    /// <summary>All steps that are not done yet, in order.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was done stays stored.</exception>
    public void RunAll(Action<StepProgress>? progress, CancellationToken cancel)
    {
        foreach (var step in steps.Where(step => !IsDone(step)))
            Run(step, progress, cancel);
    }

    public void Run(SearchStep step, Action<StepProgress>? progress, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        progress?.Invoke(new StepProgress(step, 0, Describe(step)));
        var run = new KeptTraining(
            files.Store, step.Name, CheckpointInterval,
            progress is null ? null : told => progress(new StepProgress(step, told.Fraction, $"{Describe(step)}: {told.Detail}")));
        switch (step.Kind)
        {
            case StepKind.Prepare:
                Prepare();
                break;
            case StepKind.Pretrain:
                Pretrain(step, run, cancel);
                break;
            case StepKind.Trial:
                RunTrial(step, run, cancel);
                break;
            case StepKind.Retrain:
                Retrain(step, run, cancel);
                break;
            case StepKind.Compare:
                Compare(step, run, cancel);
                break;
            case StepKind.Refit:
                Refit(step, run, cancel);
                break;
            case StepKind.Export:
                Export();
                break;
            default:
                throw new UnreachableException(step.ToString());
        }

        run.Forget();
        progress?.Invoke(new StepProgress(step, 1, Describe(step)));
    }

    public abstract bool ExportBestSoFar();

    public abstract void Dispose();

    private protected abstract void Prepare();

    private protected abstract void Pretrain(SearchStep step, KeptTraining run, CancellationToken cancel);

    private protected abstract void RunTrial(SearchStep step, KeptTraining run, CancellationToken cancel);

    private protected abstract void Retrain(SearchStep step, KeptTraining run, CancellationToken cancel);

    private protected abstract void Compare(SearchStep step, KeptTraining run, CancellationToken cancel);

    /// <summary>Of searches that list such steps.</summary>
    private protected virtual void Refit(SearchStep step, KeptTraining run, CancellationToken cancel) =>
        throw new UnreachableException(step.ToString());

    private protected abstract void Export();

    /// <summary>What a step does, for a person.</summary>
    private protected abstract string Describe(SearchStep step);

    /// <summary>The results that there are of a kind of step, in order, each with its step's name.</summary>
    private protected List<(string Step, T Result)> Rows<T>(StepKind kind) where T : class =>
        files.ReadAll<T>(steps.Where(step => step.Kind == kind));
}
