using Bet.Engine.Clicks;
using Bet.Engine.Data;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Datasets;

/// <summary>A data set that searches can use.</summary>
/// <param name="Id">Its id, for "dataset" of a search.</param>
/// <param name="Name">What its client calls it, or its first file.</param>
/// <param name="Kind">interactions, for recommenders, or clicks.</param>
/// <param name="CreatedAt">When it was read.</param>
/// <param name="Bytes">What it takes here.</param>
/// <param name="Summary">What interactions hold; null for clicks.</param>
/// <param name="Clicks">What click data hold; null for interactions.</param>
public sealed record DatasetResponse(
    string Id, string Name, DataContent Kind, DateTimeOffset CreatedAt, long Bytes, DatasetSummary? Summary, ClickSummary? Clicks)
{
    public static DatasetResponse Of(DatasetRow row) => new(
        row.Id, row.Name, row.Kind, DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt), row.Bytes,
        row.Kind == DataContent.Interactions ? SearchJson.Read<DatasetSummary>(row.Summary) : null,
        row.Kind == DataContent.Clicks ? SearchJson.Read<ClickSummary>(row.Summary) : null);
}
