using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.GivenTables;
using Bet.Engine.Reports;

namespace Bet.Engine.Search;

/// <summary>
/// A search under one budget or several as one list of durable steps, <see cref="SearchOptions.Steps"/>. Several budgets
/// give a curve: all points share the split and the full table, each is a <see cref="BudgetedSearch"/> of its own, and by
/// method bet-plus a later one goes by the trials of those before it too. Under one budget it is that search alone.
/// </summary>
public sealed class CurveSearch : ISearchEngine
{
    private readonly SearchOptions options;
    private readonly Backend backend;
    private readonly IStepStore store;
    private readonly SearchInputs inputs;
    private readonly CurveFiles files;
    private (int Point, BudgetedSearch Search)? current;

    /// <param name="options">What is searched for.</param>
    /// <param name="backend">Where it is computed; owned by the caller.</param>
    /// <param name="store">What the steps read and write.</param>
    /// <param name="data">Reads the interactions; called by the Prepare step alone.</param>
    /// <param name="table">Reads the full table where <see cref="SearchOptions.Table"/> says that it is given; called by the Pretrain step alone.</param>
    public CurveSearch(
        SearchOptions options, Backend backend, IStepStore store, Func<InteractionSet> data, Func<GivenTable>? table = null)
    {
        this.options = options;
        this.backend = backend;
        this.store = store;
        inputs = new SearchInputs(data, table);
        inputs.Check(options);
        files = new CurveFiles(options, store);
    }

    /// <summary>See <see cref="StepSearch.CheckpointInterval"/>.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether the step's result is stored already.</summary>
    public bool IsDone(SearchStep step) =>
        new StepFiles(files.StoreOf(step.Point)).IsDone(step with { Point = 0 });

    /// <summary>All steps that are not done yet, in order.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was done stays stored.</exception>
    public void RunAll(Action<StepProgress>? progress, CancellationToken cancel)
    {
        foreach (var step in options.Steps().Where(step => !IsDone(step)))
            Run(step, progress, cancel);
    }

    /// <summary>Runs one step to its end.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; noticed within a second.</exception>
    /// <exception cref="BudgetException">A budget cannot be met; Prepare says so of every one.</exception>
    public void Run(SearchStep step, Action<StepProgress>? progress, CancellationToken cancel)
    {
        if (step.Kind == StepKind.Curve)
        {
            WriteCurve();
            progress?.Invoke(new StepProgress(step, 1, "putting the points together"));
            return;
        }

        string point = step.Point == 0 ? "" : $"budget {step.Point} of {options.Budgets!.Count}: ";
        At(step.Point).Run(
            step with { Point = 0 },
            progress is null ? null : told => progress(told with { Step = step, Detail = point + told.Detail }), cancel);
    }

    /// <summary>
    /// After a cancelled search: writes the artifacts of the best table so far under the budget that was worked on; points
    /// that were done before have theirs. False where there is nothing to keep.
    /// </summary>
    public bool ExportBestSoFar()
    {
        if (options.Budgets is null)
            return At(0).ExportBestSoFar();
        int point = Enumerable.Range(1, options.Budgets.Count)
            .FirstOrDefault(point => !IsDone(new SearchStep(StepKind.Export, 0, point)));
        bool any = (point > 0 && At(point).ExportBestSoFar()) || point != 1;
        if (any)
            WriteCurve();
        return any;
    }

    /// <summary>The trials that have ended, in order; of a curve those of one of its points.</summary>
    public IReadOnlyList<TrialResult> Trials(int point = 0) => files.TrialsOf(point);

    /// <summary>The curve through the points that are done; null under one budget, and before the full table is trained.</summary>
    public QualityCurve? Curve() => options.Budgets is { } budgets ? files.Read(budgets.Count) : null;

    public void Dispose() => current?.Search.Dispose();

    /// <summary>One search at a time is held, with its data and its weights.</summary>
    private BudgetedSearch At(int point)
    {
        if (current is { } held && held.Point == point)
            return held.Search;
        current?.Search.Dispose();
        var own = point == 0 ? options : options with { Budget = options.Budgets![point - 1] };
        var search = new BudgetedSearch(
            own, backend, files.StoreOf(point), inputs, point == 0 ? null : new CurvePlace(files, point))
        {
            CheckpointInterval = CheckpointInterval,
        };
        current = (point, search);
        return search;
    }

    /// <summary>The page first: the numbers say that the step is done.</summary>
    private void WriteCurve()
    {
        var curve = Curve() ?? throw new InvalidOperationException("a curve begins with the full table, which is not trained yet");
        store.Write(StepSearch.ArtifactPrefix + ReportPage.Name, stream => CurvePage.Write(stream, options, curve));
        store.Write(StepSearch.ArtifactPrefix + QualityCurve.FileName, stream =>
        {
            JsonSerializer.Serialize(stream, curve, ArtifactJson.Indented);
            stream.WriteByte((byte)'\n');
        });
    }
}
