using Bet.Engine.Artifacts;
using Bet.Engine.Clicks;
using Bet.Engine.Fields;
using Bet.Engine.Search;

namespace Bet.Engine.ClickSearches;

/// <summary>What the steps of a search over click data store.</summary>
internal sealed class ClickFiles(IStepStore store) : StepFiles(store)
{
    /// <summary>A <see cref="ClickBasis"/>.</summary>
    public const string BasisName = "pretrain.basis";

    /// <summary>A <see cref="Training.ClickTrainingOutcome"/>, of a trial whose tables are stored.</summary>
    public static string OutcomeName(string step) => step + ".outcome";

    public PreparedClicks ReadPrepared()
    {
        using var stream = Open(PreparedName);
        return PreparedClicksFile.Read(stream);
    }

    public void WritePrepared(PreparedClicks data) => Store.Write(PreparedName, stream => PreparedClicksFile.Write(stream, data));

    public (PackedFields Tables, IReadOnlyList<DenseWeight> Dense) ReadWeights(string step)
    {
        using var tables = Open(TableName(step));
        using var dense = Open(DenseName(step));
        return (FieldTableFile.Read(tables), BackboneFile.Read(dense));
    }

    public void WriteWeights(string step, PackedFields tables, IReadOnlyList<DenseWeight> dense)
    {
        Store.Write(TableName(step), stream => FieldTableFile.Write(stream, tables));
        Store.Write(DenseName(step), stream => BackboneFile.Write(stream, dense));
    }
}
