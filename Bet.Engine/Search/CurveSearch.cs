using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.GivenTables;
using Bet.Engine.Reports;

namespace Bet.Engine.Search;

/// <summary>
/// A search over interactions under one budget or several. By method bet-plus a later point of a curve goes by the trials of
/// those before it too.
/// </summary>
public sealed class CurveSearch : StepCurve<BudgetedSearch, QualityCurve>
{
    private readonly SearchOptions options;
    private readonly Backend backend;
    private readonly SearchInputs inputs;
    private readonly CurveFiles files;

    /// <param name="options">What is searched for.</param>
    /// <param name="backend">Where it is computed; owned by the caller.</param>
    /// <param name="store">What the steps read and write.</param>
    /// <param name="data">Reads the interactions; called by the Prepare step alone.</param>
    /// <param name="table">Reads the full table where <see cref="SearchOptions.Table"/> says that it is given; called by the Pretrain step alone.</param>
    public CurveSearch(
        SearchOptions options, Backend backend, IStepStore store, Func<InteractionSet> data, Func<GivenTable>? table = null)
        : base(options, store)
    {
        this.options = options;
        this.backend = backend;
        inputs = new SearchInputs(data, table);
        inputs.Check(options);
        files = new CurveFiles(options, Stores);
    }

    /// <summary>The trials that have ended, in order; of a curve those of one of its points.</summary>
    public IReadOnlyList<TrialResult> Trials(int point = 0) => files.TrialsOf(point);

    /// <summary>The result of a trial that has ended, by its step.</summary>
    public TrialResult TrialOf(SearchStep step) =>
        new StepFiles(Stores.StoreOf(step.Point)).Read<TrialResult>((step with { Point = 0 }).Name);

    private protected override BudgetedSearch Open(int point, IStepStore store) => new(
        point == 0 ? options : options with { Budget = options.Budgets![point - 1] },
        backend, store, inputs, point == 0 ? null : new CurvePlace(files, point))
    {
        CheckpointInterval = CheckpointInterval,
    };

    private protected override QualityCurve? ReadCurve(int points) => files.Read(points);

    private protected override void WritePage(Stream stream, QualityCurve curve) => CurvePage.Write(stream, options, curve);
}
