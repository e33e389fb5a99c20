using Bet.Engine.Artifacts;
using Bet.Engine.Data;

namespace Bet.Engine.Search;

/// <summary>What a search leaves behind for its client: the packed winner, its numbers and the rows to compare with.</summary>
internal sealed record SearchArtifacts(
    SearchOptions Options, PreparedDataset Data, MemoryBudget Budget, TrainedResult Full, TrainedResult? Uniform,
    TrainedResult Found, IReadOnlyList<TrialResult> Trials)
{
    /// <summary>Writes every artifact, the manifest last. The bytes depend on the search's result alone, not on its speed.</summary>
    public void Write(PackedTable table, Action<string, Action<Stream>> store)
    {
        throw new NotImplementedException();
    }
}
