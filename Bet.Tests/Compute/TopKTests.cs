using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

public sealed class TopKTests
{
    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void The_best_items_match_a_full_sort(int width)
    {
        Compare(1, 1, width, 1, 0);
        Compare(30, 500, width, 20, 15);
        Compare(400, 33, width, 5, 3);
    }

    [Theory]
    [InlineData(3, 0, 5)]
    [InlineData(3, 40, 50)]
    [InlineData(0, 40, 5)]
    [InlineData(3, 40, 0)]
    [InlineData(13, 1000, 200)]
    public void Missing_items_are_minus_one(int users, int items, int k) => Compare(users, items, 16, k, items / 2);

    /// <summary>Whole numbers make equal scores, exactly.</summary>
    private static float[] SmallIntegers(int count, int seed) =>
        [.. Oracle.Values(count, seed).Select(value => MathF.Round(value * 2))];

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var users = backend.Allocate(2, 3);
        using var items = backend.Allocate(5, 3);
        using var narrow = backend.Allocate(5, 2);
        using var offsets = backend.Ids([0, 1, 3]);
        using var excluded = backend.Ids([0, 0]);
        using var result = backend.AllocateIds(4);
        Oracle.Fails(
            "TopK: users are [2, 3], items are [5, 2]",
            () => backend.TopK(users, narrow, offsets, excluded, 2, result));
        Oracle.Fails(
            "TopK: 3 items for each of 2 users do not fit [4]",
            () => backend.TopK(users, items, offsets, excluded, 3, result));
        Oracle.Fails(
            "TopK: 2 users need 3 offsets, not 2", () => backend.TopK(users, items, excluded, excluded, 2, result));
        Oracle.Fails(
            "TopK: offset 2 is 3, outside [1, 2]", () => backend.TopK(users, items, offsets, excluded, 2, result));
    }

    private static void Compare(int users, int items, int width, int k, int excludedPerUser)
    {
        float[] u = SmallIntegers(users * width, 1), v = SmallIntegers(items * width, 2);
        int[][] excluded = [.. Enumerable.Range(0, users).Select(user =>
            Enumerable.Range(0, items).OrderBy(item => ((item + user) * 7919) % 104729).Take(excludedPerUser)
                .Order().ToArray())];
        int[] expected = [.. Enumerable.Range(0, users).SelectMany(user =>
            Enumerable.Range(0, items).Except(excluded[user])
                .OrderByDescending(item =>
                    Enumerable.Range(0, width).Sum(j => u[(user * width) + j] * v[(item * width) + j]))
                .ThenBy(item => item).Concat(Enumerable.Repeat(-1, k)).Take(k))];
        foreach (int threads in new[] { 1, 2, 8 })
        {
            using var backend = new CpuBackend(threads);
            using var userTable = backend.Tensor(users, width, u);
            using var itemTable = backend.Tensor(items, width, v);
            using var offsets = backend.Ids([.. Enumerable.Range(0, users + 1).Select(i => i * excludedPerUser)]);
            using var excludedItems = backend.Ids([.. excluded.SelectMany(row => row)]);
            using var result = backend.AllocateIds(users * k);
            backend.TopK(userTable, itemTable, offsets, excludedItems, k, result);
            Assert.Equal(expected, backend.Read(result));
        }
    }
}
