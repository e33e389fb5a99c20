using Bet.Engine.Compute;
using Bet.Engine.Data;
using Bet.Engine.GivenTables;
using Bet.Engine.Search;
using Bet.Jobs.Storage;

namespace Bet.Jobs.Pipeline;

/// <summary>A search with its data and weights in memory, for as long as a worker takes its steps.</summary>
internal sealed class HeldSearch : IDisposable
{
    private readonly BlobStepStore files;

    public HeldSearch(SearchStore store, ClaimedStep claimed, Backend backend, WorkerOptions limits)
    {
        var row = claimed.Search;
        Id = row.Id;
        Options = SearchJson.Read<SearchOptions>(row.Options);
        Plan = new SearchPlan(Options);
        files = new BlobStepStore(store, claimed.Claim);
        Engine = new CurveSearch(
            Options, backend, files, () => ReadDataset(store, row.Dataset),
            row.FullTable is { } table ? () => ReadTable(store, table) : null)
        {
            CheckpointInterval = limits.CheckpointInterval,
        };
    }

    public string Id { get; }

    public SearchOptions Options { get; }

    public SearchPlan Plan { get; }

    public CurveSearch Engine { get; }

    /// <summary>From here on files are written by this claim.</summary>
    public void Continue(StepClaim claim) => files.Claim = claim;

    /// <summary>What the search has come to, once its artifacts are written.</summary>
    public SearchEnd End()
    {
        var curve = Engine.Curve();
        return curve is null
            ? new SearchEnd(SearchJson.Write(TrainedResult.ReadAll(files, Options)))
            : new SearchEnd(Curve: SearchJson.Write(curve));
    }

    public void Dispose() => Engine.Dispose();

    private static InteractionSet ReadDataset(SearchStore store, string id)
    {
        var row = store.FindDataset(id) ?? throw new IOException($"data set {id} is gone");
        using var stream = store.Blobs.OpenRead(row.Blob) ?? throw new IOException($"the content of data set {id} is gone");
        return InteractionSetFile.Read(stream);
    }

    private static GivenTable ReadTable(SearchStore store, string id)
    {
        var row = store.FindTable(id) ?? throw new IOException($"table {id} is gone");
        using var stream = store.Blobs.OpenRead(row.Blob) ?? throw new IOException($"the content of table {id} is gone");
        return GivenTableFile.Read(stream);
    }
}
