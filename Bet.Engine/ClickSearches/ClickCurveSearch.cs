using Bet.Engine.Clicks;
using Bet.Engine.Compute;
using Bet.Engine.Reports;
using Bet.Engine.Search;

namespace Bet.Engine.ClickSearches;

/// <summary>A search over click data under one budget or several; every point of a curve is what its budget alone would give.</summary>
/// <param name="options">What is searched for.</param>
/// <param name="backend">Where it is computed; owned by the caller.</param>
/// <param name="store">What the steps read and write.</param>
/// <param name="data">Reads the click data; called by the Prepare step alone.</param>
public sealed class ClickCurveSearch(ClickSearchOptions options, Backend backend, IStepStore store, Func<ClickSet> data)
    : StepCurve<ClickSearch, ClickCurve>(options, store)
{
    /// <summary>The trials that have ended, in order; of a curve those of one of its points.</summary>
    public IReadOnlyList<ClickTrialResult> Trials(int point = 0) => ClickTrialResult.ReadAll(new StepFiles(Stores.StoreOf(point)), options);

    /// <summary>The result of a trial that has ended, by its step.</summary>
    public ClickTrialResult TrialOf(SearchStep step) =>
        new StepFiles(Stores.StoreOf(step.Point)).Read<ClickTrialResult>((step with { Point = 0 }).Name);

    /// <summary>The tables under one budget that were trained to the end so far, the searched ones last, the best of them first.</summary>
    public IReadOnlyList<ClickTableResult> Results(int point = 0) => ClickTableResult.ReadAll(new StepFiles(Stores.StoreOf(point)), options);

    /// <summary>See <see cref="FieldBudget.AllOf"/>; of the categories that are left once Prepare has run.</summary>
    public IReadOnlyList<FieldBudget> Budgets() => FieldBudget.AllOf(options, At(0).Categories);

    private protected override ClickSearch Open(int point, IStepStore store) =>
        new(point == 0 ? options : options with { Budget = options.Budgets![point - 1] }, backend, store, data)
        {
            CheckpointInterval = CheckpointInterval,
        };

    private protected override ClickCurve? ReadCurve(int points)
    {
        if (Read(0, StepKind.Pretrain) is not [var full])
            return null;
        int[] categories = [.. full.Fields.Select(each => each.Categories)];
        return new ClickCurve(full,
        [
            .. Enumerable.Range(1, points).Where(IsExported).Select(point => new ClickCurvePoint(
                point, options.Budgets![point - 1], FieldBudget.From(options.Budgets[point - 1], categories, options.Size).MaximumBytes,
                Read(point, StepKind.Retrain)[0], Read(point, StepKind.Compare))),
        ]);
    }

    private IReadOnlyList<ClickTableResult> Read(int point, StepKind kind) =>
        ClickTableResult.Read(new StepFiles(Stores.StoreOf(point)), options, kind);

    private protected override void WritePage(Stream stream, ClickCurve curve) => ClickCurvePage.Write(stream, options, curve);
}
