using Bet.Engine.GivenTables;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Tables;

/// <summary>A full table that was trained elsewhere, for searches over its data set.</summary>
/// <param name="Id">Its id, for "table" of a search.</param>
/// <param name="Name">What its client calls it, or its first file; does for "table" too, where no other of the data set's tables has it.</param>
/// <param name="Dataset">The data set whose users and items its rows are.</param>
/// <param name="CreatedAt">When it was read.</param>
/// <param name="Bytes">What it takes here.</param>
/// <param name="Summary">What it holds.</param>
public sealed record TableResponse(
    string Id, string Name, string Dataset, DateTimeOffset CreatedAt, long Bytes, GivenTableSummary Summary)
{
    public static TableResponse Of(FullTableRow row) => new(
        row.Id, row.Name, row.Dataset, DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt), row.Bytes,
        SearchJson.Read<GivenTableSummary>(row.Summary));
}
