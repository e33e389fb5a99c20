using Bet.Engine.Backbones;
using Bet.Engine.Compute;

namespace Bet.Tests.Backbones;

/// <summary>What a backbone recommends.</summary>
internal static class Ranked
{
    /// <summary>Every user's best items, nothing left out, best first.</summary>
    public static int[][] Best(Backend backend, Backbone backbone, int count)
    {
        int rows = backbone.Users.Rows;
        using var users = backend.AllocateIds(rows);
        using var offsets = backend.AllocateIds(rows + 1);
        using var none = backend.AllocateIds(0);
        using var result = backend.AllocateIds(rows * count);
        backend.Upload([.. Enumerable.Range(0, rows)], users);
        backbone.PrepareRanking();
        backbone.Rank(users, offsets, none, count, result);
        var ranked = new int[rows * count];
        backend.Download(result, ranked);
        return [.. ranked.Chunk(count)];
    }
}
