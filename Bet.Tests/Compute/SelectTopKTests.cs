using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

public sealed class SelectTopKTests
{
    [Theory]
    [InlineData(0, 40, 5, 3)]
    [InlineData(3, 0, 5, 0)]
    [InlineData(1, 1, 1, 0)]
    [InlineData(3, 40, 0, 5)]
    [InlineData(3, 31, 50, 5)]
    [InlineData(30, 33, 10, 5)]
    [InlineData(30, 64, 10, 0)]
    [InlineData(100, 1000, 20, 100)]
    public void The_best_columns_match_a_full_sort(int rows, int columns, int k, int excludedPerRow)
    {
        // Few different values, so that there are many ties; some that are no numbers.
        float[] scores = [.. Oracle.Values(rows * columns, 1).Select((value, i) =>
            i % 17 == 3 ? float.NaN : i % 19 == 5 ? float.NegativeInfinity : MathF.Round(value * 20))];
        int[][] excluded = [.. Enumerable.Range(0, rows).Select(row =>
            Enumerable.Range(0, columns).OrderBy(item => ((item + row) * 7919) % 104729).Take(excludedPerRow)
                .Order().ToArray())];
        int[] expected = [.. Enumerable.Range(0, rows).SelectMany(row =>
            Enumerable.Range(0, columns).Except(excluded[row])
                .Where(item => !float.IsNaN(scores[(row * columns) + item]))
                .OrderByDescending(item => scores[(row * columns) + item]).ThenBy(item => item)
                .Concat(Enumerable.Repeat(-1, k)).Take(k))];
        foreach (int threads in new[] { 1, 2, 8 })
        {
            using var backend = new CpuBackend(threads);
            using var table = backend.Tensor(rows, columns, scores);
            using var offsets = backend.Ids([.. Enumerable.Range(0, rows + 1).Select(i => i * excludedPerRow)]);
            using var items = backend.Ids([.. excluded.SelectMany(row => row)]);
            using var result = backend.AllocateIds(rows * k);
            backend.SelectTopK(table, offsets, items, k, result);
            Assert.Equal(expected, backend.Read(result));
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var scores = backend.Allocate(2, 3);
        using var offsets = backend.Ids([0, 1, 3]);
        using var excluded = backend.Ids([0, 0]);
        using var result = backend.AllocateIds(4);
        Oracle.Fails(
            "SelectTopK: 3 items for each of 2 rows do not fit [4]",
            () => backend.SelectTopK(scores, offsets, excluded, 3, result));
        Oracle.Fails(
            "SelectTopK: 2 rows need 3 offsets, not 2", () => backend.SelectTopK(scores, excluded, excluded, 2, result));
        Oracle.Fails(
            "SelectTopK: offset 2 is 3, outside [1, 2]",
            () => backend.SelectTopK(scores, offsets, excluded, 2, result));
    }
}
