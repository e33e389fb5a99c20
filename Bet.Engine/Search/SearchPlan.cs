namespace Bet.Engine.Search;

/// <summary>
/// The steps of a search and what each needs, so that several workers can take them side by side. A step's result follows
/// from what it needs alone, whatever else is done by then: one worker or many, the bytes are the same.
/// </summary>
public sealed class SearchPlan(SearchOptions options)
{
    /// <summary>All steps, in the order in which one worker takes them.</summary>
    public IReadOnlyList<SearchStep> Steps { get; } = options.Steps();

    /// <summary>The steps that can be taken next: not done, and all that they need is.</summary>
    /// <param name="done">By name.</param>
    public IEnumerable<SearchStep> Ready(IReadOnlySet<string> done) =>
        Steps.Where(step => !done.Contains(step.Name) && NeedsOf(step).All(need => done.Contains(need.Name)));

    /// <summary>The steps whose results a step reads; what those need in turn is mostly left out.</summary>
    public IEnumerable<SearchStep> NeedsOf(SearchStep step) => step.Kind switch
    {
        StepKind.Prepare => [],
        StepKind.Pretrain => Shared(StepKind.Prepare),
        StepKind.Trial =>
        [
            .. Shared(StepKind.Pretrain), .. TrialsOfPointBefore(step.Point),
            .. Of(StepKind.Trial, step.Point).Where(other => other.Index <= step.Index - options.ParallelTrials),
        ],
        StepKind.Retrain => Of(StepKind.Trial, step.Point),
        StepKind.Compare => Of(StepKind.Retrain, step.Point),
        StepKind.Refit when step.Index == 0 => Shared(StepKind.Pretrain),
        // The found table is one of them all, and begins with the full one.
        StepKind.Refit => [.. Trained(step.Point), .. Shared(StepKind.Refit)],
        StepKind.Export =>
        [
            .. Trained(step.Point), .. Shared(StepKind.Refit), .. Of(StepKind.Refit, step.Point),
            .. Of(StepKind.Export, step.Point - 1),
        ],
        _ => Steps.Where(other => other.Kind == StepKind.Export),
    };

    private IEnumerable<SearchStep> Trained(int point) => [.. Of(StepKind.Retrain, point), .. Of(StepKind.Compare, point)];

    /// <summary>A later point of a curve goes by the trials of those before it.</summary>
    private IEnumerable<SearchStep> TrialsOfPointBefore(int point) => point == 0 ? [] : Of(StepKind.Trial, point - 1);

    private IEnumerable<SearchStep> Shared(StepKind kind) =>
        Steps.Where(step => step == new SearchStep(kind, 0));

    private IEnumerable<SearchStep> Of(StepKind kind, int point) =>
        Steps.Where(step => step.Kind == kind && step.Point == point);
}
