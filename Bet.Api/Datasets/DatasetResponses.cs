using Bet.Engine.Data;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Datasets;

/// <summary>A data set that searches can use.</summary>
/// <param name="Id">Its id, for "dataset" of a search.</param>
/// <param name="Name">What its client calls it.</param>
/// <param name="CreatedAt">When it was read.</param>
/// <param name="Bytes">What it takes here.</param>
/// <param name="Summary">What it holds.</param>
public sealed record DatasetResponse(string Id, string Name, DateTimeOffset CreatedAt, long Bytes, DatasetSummary Summary)
{
    public static DatasetResponse Of(DatasetRow row) => new(
        row.Id, row.Name, DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt), row.Bytes,
        SearchJson.Read<DatasetSummary>(row.Summary));
}
