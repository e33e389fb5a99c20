using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Reports;

namespace Bet.Engine.Search;

/// <summary>
/// A search under one budget or several as one list of durable steps, <see cref="SearchSteps.Steps"/>. Several budgets give a
/// curve: all points share the split and the full table, each is a <typeparamref name="TSearch"/> of its own. Under one budget
/// it is that search alone.
/// </summary>
/// <typeparam name="TSearch">A search under one budget.</typeparam>
/// <typeparam name="TCurve">What the points together are: <c>curve.json</c>.</typeparam>
public abstract class StepCurve<TSearch, TCurve> : ISearchEngine
    where TSearch : StepSearch
    where TCurve : class
{
    private readonly IStepOptions options;
    private (int Point, TSearch Search)? current;

    private protected StepCurve(IStepOptions options, IStepStore store)
    {
        this.options = options;
        Stores = new PointStores(options, store);
    }

    /// <summary>See <see cref="StepSearch.CheckpointInterval"/>.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    private protected PointStores Stores { get; }

    public bool IsDone(SearchStep step) => new StepFiles(Stores.StoreOf(step.Point)).IsDone(step with { Point = 0 });

    /// <summary>All steps that are not done yet, in order.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; what was done stays stored.</exception>
    public void RunAll(Action<StepProgress>? progress, CancellationToken cancel)
    {
        foreach (var step in options.Steps().Where(step => !IsDone(step)))
            Run(step, progress, cancel);
    }

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
    /// After a cancelled search: writes the artifacts of the best so far under the budget that was worked on; points that were
    /// done before have theirs. False where there is nothing to keep.
    /// </summary>
    public bool ExportBestSoFar()
    {
        if (options.Budgets is null)
            return At(0).ExportBestSoFar();
        int point = Enumerable.Range(1, options.Budgets.Count).FirstOrDefault(point => !IsExported(point));
        bool any = (point > 0 && At(point).ExportBestSoFar()) || point != 1;
        if (any)
            WriteCurve();
        return any;
    }

    /// <summary>The curve through the points that are done; null under one budget, and before the full table is trained.</summary>
    public TCurve? Curve() => options.Budgets is { } budgets ? ReadCurve(budgets.Count) : null;

    public void Dispose() => current?.Search.Dispose();

    /// <summary>The search of a point, from 1; 0 for all that points share, and under one budget.</summary>
    private protected abstract TSearch Open(int point, IStepStore store);

    /// <summary>The curve through those of the first points that are done; null before the full table is trained.</summary>
    private protected abstract TCurve? ReadCurve(int points);

    /// <summary>report.html of the whole curve.</summary>
    private protected abstract void WritePage(Stream stream, TCurve curve);

    private protected bool IsExported(int point) => IsDone(new SearchStep(StepKind.Export, 0, point));

    /// <summary>One search at a time is held, with its data and its weights.</summary>
    private protected TSearch At(int point)
    {
        if (current is { } held && held.Point == point)
            return held.Search;
        current?.Search.Dispose();
        current = (point, Open(point, Stores.StoreOf(point)));
        return current.Value.Search;
    }

    /// <summary>The page first: the numbers say that the step is done.</summary>
    private void WriteCurve()
    {
        var curve = Curve() ?? throw new InvalidOperationException("a curve begins with the full table, which is not trained yet");
        var store = Stores.StoreOf(0);
        store.Write(StepSearch.ArtifactPrefix + ReportPage.Name, stream => WritePage(stream, curve));
        store.Write(StepSearch.ArtifactPrefix + QualityCurve.FileName, stream =>
        {
            JsonSerializer.Serialize(stream, curve, ArtifactJson.Indented);
            stream.WriteByte((byte)'\n');
        });
    }
}
