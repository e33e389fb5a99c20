namespace Bet.Engine.Search;

/// <summary>
/// The steps of a search and what each needs, so that several workers can take them side by side. A step's result follows
/// from what it needs alone, whatever else is done by then: one worker or many, the bytes are the same.
/// </summary>
public sealed class SearchPlan
{
    private readonly IStepOptions options;
    private readonly ILookup<(StepKind, int), SearchStep> byKind;
    private readonly Dictionary<string, int> places;
    private readonly string[][] needs;

    public SearchPlan(IStepOptions options)
    {
        this.options = options;
        Steps = options.Steps();
        byKind = Steps.ToLookup(step => (step.Kind, step.Point));
        places = Steps.Index().ToDictionary(entry => entry.Item.Name, entry => entry.Index);
        needs = [.. Steps.Select(step => NeedsOf(step).Select(need => need.Name).ToArray())];
    }

    /// <summary>All steps, in the order in which one worker takes them.</summary>
    public IReadOnlyList<SearchStep> Steps { get; }

    /// <summary>See <see cref="IStepOptions.TrialsPerRetraining"/>.</summary>
    public double TrialsPerRetraining => options.TrialsPerRetraining;

    /// <summary>The last one needs, by way of others, all the rest.</summary>
    public SearchStep Last => Steps[^1];

    /// <summary>A step's place among <see cref="Steps"/>, by its name.</summary>
    /// <exception cref="KeyNotFoundException">It is none of this plan's.</exception>
    public int PlaceOf(string name) => places[name];

    /// <summary>The steps that can be taken next: not done, and all that they need is.</summary>
    /// <param name="done">By name.</param>
    public IEnumerable<SearchStep> Ready(IReadOnlySet<string> done) =>
        Steps.Where((step, place) => needs[place].All(done.Contains) && !done.Contains(step.Name));

    /// <summary>The steps whose results a step reads; what those need in turn is mostly left out.</summary>
    public IEnumerable<SearchStep> NeedsOf(SearchStep step) => step.Kind switch
    {
        StepKind.Prepare => [],
        StepKind.Pretrain => Shared(StepKind.Prepare),
        StepKind.Trial =>
        [
            .. Shared(StepKind.Pretrain), .. TrialsOfPointBefore(step.Point),
            // The trials up to so many before it; what the last of them need are the others.
            .. Of(StepKind.Trial, step.Point).Where(
                other => other.Index <= step.Index - options.ParallelTrials && other.Index > step.Index - (2 * options.ParallelTrials)),
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
        Of(kind, 0).Where(step => step.Index == 0);

    private IEnumerable<SearchStep> Of(StepKind kind, int point) => byKind[(kind, point)];
}
