namespace Bet.Engine.Search;

/// <summary>What the steps of a search follow from, whatever it is over.</summary>
public interface IStepOptions
{
    /// <summary>See <see cref="SearchOptions.ParallelTrials"/>.</summary>
    int ParallelTrials { get; }

    /// <summary>How many times as much a training to the end is as a trial.</summary>
    double TrialsPerRetraining { get; }

    /// <summary>The bounds of a curve, a point each, in the order in which they are searched under; null for one bound.</summary>
    IReadOnlyList<BudgetRequest>? Budgets { get; }

    /// <summary>The durable steps under one budget, in order.</summary>
    IReadOnlyList<SearchStep> PointSteps();
}

/// <summary>The steps of searches under one budget or several.</summary>
public static class SearchSteps
{
    /// <summary>The step that trains the full table again; the found one's and those of the tables beside it follow.</summary>
    private static readonly SearchStep FullRefit = new(StepKind.Refit, 0);

    /// <summary>
    /// The durable steps, in order. A curve's points share preparing, pretraining and the full table that is trained again;
    /// then each takes its own.
    /// </summary>
    public static IReadOnlyList<SearchStep> Steps(this IStepOptions options)
    {
        var steps = options.PointSteps();
        return options.Budgets is not { } budgets
            ? steps
            :
            [
                .. steps.Where(IsShared),
                .. Enumerable.Range(1, budgets.Count).SelectMany(
                    point => steps.Where(step => !IsShared(step)).Select(step => step with { Point = point })),
                new(StepKind.Curve, 0),
            ];
    }

    /// <summary>Whether a step of <see cref="IStepOptions.PointSteps"/> gives the same under every budget.</summary>
    internal static bool IsShared(SearchStep step) =>
        step.Kind is StepKind.Prepare or StepKind.Pretrain || step == FullRefit;
}

/// <summary>A search as durable steps, whatever it is over. Each step reads what earlier ones stored and stores its own result.</summary>
public interface ISearchEngine : IDisposable
{
    /// <summary>Whether the step's result is stored already.</summary>
    bool IsDone(SearchStep step);

    /// <summary>Runs one step to its end.</summary>
    /// <exception cref="OperationCanceledException">
    /// Cancelled; noticed after the step of training or the users of an evaluation that are under way. Splitting and packing go on to
    /// their end.
    /// </exception>
    /// <exception cref="BudgetException">The budget cannot be met; Prepare says so.</exception>
    void Run(SearchStep step, Action<StepProgress>? progress, CancellationToken cancel);

    /// <summary>After a cancelled search: writes the artifacts of the best so far. False where there is nothing to keep.</summary>
    bool ExportBestSoFar();
}
