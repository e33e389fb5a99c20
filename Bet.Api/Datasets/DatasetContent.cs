using Bet.Engine.Clicks;
using Bet.Engine.Data;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Datasets;

/// <summary>What was read of an upload, ready to be stored.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Summary">JSON, see <see cref="DatasetRow.Summary"/>.</param>
/// <param name="Write">Writes it as searches read it.</param>
public sealed record DatasetContent(DataContent Kind, string Summary, Action<Stream> Write)
{
    public static DatasetContent Of(InteractionSet set) => new(
        DataContent.Interactions, SearchJson.Write(DatasetSummary.Of(set)), stream => InteractionSetFile.Write(stream, set));

    public static DatasetContent Of(ClickSet set) => new(
        DataContent.Clicks, SearchJson.Write(ClickSummary.Of(set)), stream => ClickSetFile.Write(stream, set));
}
