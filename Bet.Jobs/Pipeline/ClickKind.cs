using Bet.Engine.Clicks;
using Bet.Engine.ClickSearches;
using Bet.Engine.Compute;
using Bet.Engine.Search;
using Bet.Jobs.Storage;

namespace Bet.Jobs.Pipeline;

/// <summary>A search over click data.</summary>
internal sealed class ClickKind(ClickSearchOptions options) : SearchKind(options)
{
    internal override OpenSearch Open(
        SearchStore store, SearchRow row, Backend backend, IStepStore files, TimeSpan checkpointInterval) => new OpenClicks(
        new ClickSearch(options, backend, files, () => ReadDataset(store, row.Dataset, ClickSetFile.Read))
        {
            CheckpointInterval = checkpointInterval,
        });

    private sealed class OpenClicks(ClickSearch engine) : OpenSearch(engine)
    {
        public override TrialSummary TrialOf(SearchStep step) =>
            TrialSummary.Of(engine.Trials().Single(trial => trial.Number == step.Index + 1));

        public override SearchEnd End() => new(SearchJson.Write(engine.Results()));
    }
}
