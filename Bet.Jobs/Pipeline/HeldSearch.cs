using Bet.Engine.Compute;
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
        var kind = SearchKind.Of(row.Options);
        Plan = kind.Plan;
        files = new BlobStepStore(store, claimed.Claim);
        Search = kind.Open(store, row, backend, files, limits.CheckpointInterval);
    }

    public string Id { get; }

    public SearchPlan Plan { get; }

    public OpenSearch Search { get; }

    public ISearchEngine Engine => Search.Engine;

    /// <summary>From here on files are written by this claim.</summary>
    public void Continue(StepClaim claim) => files.Claim = claim;

    public void Dispose() => Search.Dispose();
}
