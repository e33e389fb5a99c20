using Bet.Engine.Artifacts;
using Bet.Engine.Data;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>What the steps of a search over interactions store.</summary>
internal sealed class SearchFiles(IStepStore store) : StepFiles(store)
{
    public PreparedDataset ReadPrepared()
    {
        using var stream = Open(PreparedName);
        return PreparedDatasetFile.Read(stream);
    }

    public void WritePrepared(PreparedDataset data) =>
        Store.Write(PreparedName, stream => PreparedDatasetFile.Write(stream, data));

    public TrainedWeights ReadWeights(string step)
    {
        using var table = Open(TableName(step));
        using var dense = Store.OpenRead(DenseName(step));
        return new TrainedWeights(TableFile.Read(table), dense is null ? [] : BackboneFile.Read(dense));
    }

    public void WriteWeights(string step, TrainedWeights weights)
    {
        Store.Write(TableName(step), stream => TableFile.Write(stream, weights.Table));
        if (weights.Dense.Count > 0)
            Store.Write(DenseName(step), stream => BackboneFile.Write(stream, weights.Dense));
    }
}
