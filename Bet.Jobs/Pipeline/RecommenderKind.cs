using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.GivenTables;
using Bet.Engine.Search;
using Bet.Jobs.Storage;

namespace Bet.Jobs.Pipeline;

/// <summary>A search over interactions, under one budget or several.</summary>
internal sealed class RecommenderKind(SearchOptions options) : SearchKind(options)
{
    internal override OpenSearch Open(
        SearchStore store, SearchRow row, Backend backend, IStepStore files, TimeSpan checkpointInterval)
    {
        var engine = new CurveSearch(
            options, backend, files, () => ReadDataset(store, row.Dataset, InteractionSetFile.Read),
            row.FullTable is { } table ? () => ReadTable(store, table) : null)
        {
            CheckpointInterval = checkpointInterval,
        };
        return new OpenRecommender(options, engine, files);
    }

    private static GivenTable ReadTable(SearchStore store, string id)
    {
        var row = store.FindTable(id) ?? throw new IOException($"table {id} is gone");
        using var stream = store.Blobs.OpenRead(row.Blob) ?? throw new IOException($"the content of table {id} is gone");
        return GivenTableFile.Read(stream);
    }

    private sealed class OpenRecommender(SearchOptions options, CurveSearch engine, IStepStore files) : OpenSearch(engine)
    {
        public override TrialSummary TrialOf(SearchStep step) =>
            TrialSummary.Of(engine.TrialOf(step), step.Point);

        public override string? Curve() => engine.Curve() is { } curve ? SearchJson.Write(curve) : null;

        public override SearchEnd End() => Curve() is { } curve
            ? new SearchEnd(Curve: curve)
            : new SearchEnd(SearchJson.Write(TrainedResult.ReadAll(files, options)));
    }
}
