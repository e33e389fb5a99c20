using Bet.Engine.Clicks;
using Bet.Engine.ClickSearches;
using Bet.Engine.Compute;
using Bet.Engine.Search;
using Bet.Jobs.Storage;

namespace Bet.Jobs.Pipeline;

/// <summary>A search over click data, under one budget or several.</summary>
internal sealed class ClickKind(ClickSearchOptions options) : SearchKind(options)
{
    internal override OpenSearch Open(
        SearchStore store, SearchRow row, Backend backend, IStepStore files, TimeSpan checkpointInterval)
    {
        var engine = new ClickCurveSearch(options, backend, files, () => ReadDataset(store, row.Dataset, ClickSetFile.Read))
        {
            CheckpointInterval = checkpointInterval,
        };
        return new OpenClicks(options, engine);
    }

    private sealed class OpenClicks(ClickSearchOptions options, ClickCurveSearch engine) : OpenSearch(engine)
    {
        public override string? Budget() => BudgetOf(options, engine.Budgets());

        public override TrialSummary TrialOf(SearchStep step) => TrialSummary.Of(engine.TrialOf(step), step.Point);

        public override string? Curve() => engine.Curve() is { } curve ? SearchJson.Write(curve) : null;

        public override SearchEnd End() => Curve() is { } curve
            ? new SearchEnd(Curve: curve)
            : new SearchEnd(SearchJson.Write(engine.Results()));
    }
}
