namespace Bet.Tests.Compute;

public sealed class PairwiseDotsTests
{
    /// <summary>Rows, blocks, values of a block.</summary>
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 0, 3, 4 }, { 3, 1, 4 }, { 1, 2, 1 }, { 5, 3, 7 }, { 3, 17, 8 }, { 2, 18, 9 }, { 4, 27, 16 }, { 300, 8, 17 }, { 70, 33, 28 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Every_pair_is_there_in_order(int rows, int blocks, int size)
    {
        float[] x = Oracle.Values(rows * blocks * size, 1);
        float[] actual = Oracle.Run(backend =>
        {
            using var from = backend.Tensor(rows, blocks * size, x);
            var dots = backend.Allocate(rows, blocks * (blocks - 1) / 2);
            backend.Fill(dots, float.NaN);
            backend.PairwiseDots(size, from, dots);
            return dots;
        });
        double[] expected = [.. Pairs(rows, blocks).Select(pair => Enumerable.Range(0, size).Sum(k =>
            (double)x[At(pair.Row, pair.Left, k)] * x[At(pair.Row, pair.Right, k)]))];
        Oracle.Close(expected, actual);

        int At(int row, int block, int k) => (((row * blocks) + block) * size) + k;
    }

    /// <summary>With y_jk = x_j . x_k: dx_j = the sum over k of dy_jk x_k.</summary>
    [Theory, MemberData(nameof(Shapes))]
    public void Gradients_match_the_scalar_ones(int rows, int blocks, int size)
    {
        float[] x = Oracle.Values(rows * blocks * size, 1), kept = Oracle.Values(x.Length, 2);
        float[] dy = Oracle.Values(rows * blocks * (blocks - 1) / 2, 3);
        foreach (float beta in new[] { 0f, 1f, -0.5f })
        {
            float[] actual = Oracle.Run(backend =>
            {
                using var from = backend.Tensor(rows, blocks * size, x);
                using var slopes = backend.Tensor(rows, blocks * (blocks - 1) / 2, dy);
                var gradient = backend.Tensor(rows, blocks * size, kept);
                if (beta == 0)
                    backend.Fill(gradient, float.NaN);
                backend.PairwiseDotsGradient(size, from, slopes, beta, gradient);
                return gradient;
            });
            double[] expected = [.. kept.Select(value => (double)beta * value)];
            foreach (var (place, pair) in Pairs(rows, blocks).Index())
            {
                int left = ((pair.Row * blocks) + pair.Left) * size, right = ((pair.Row * blocks) + pair.Right) * size;
                for (int k = 0; k < size; k++)
                {
                    expected[left + k] += (double)dy[place] * x[right + k];
                    expected[right + k] += (double)dy[place] * x[left + k];
                }
            }

            Oracle.Close(expected, actual);
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 12);
        using var y = backend.Allocate(2, 3);
        Oracle.Fails("PairwiseDots: the pairs of x [2, 12] in blocks of 3 do not fit [2, 3]", () => backend.PairwiseDots(3, x, y));
        Oracle.Fails("PairwiseDots: the pairs of x [2, 12] in blocks of 5 do not fit [2, 3]", () => backend.PairwiseDots(5, x, y));
        Oracle.Fails("PairwiseDotsGradient: x is [2, 12], dx is [2, 3]", () => backend.PairwiseDotsGradient(4, x, y, 0, y));
    }

    private static IEnumerable<(int Row, int Left, int Right)> Pairs(int rows, int blocks) =>
        from row in Enumerable.Range(0, rows)
        from left in Enumerable.Range(0, blocks)
        from right in Enumerable.Range(left + 1, blocks - left - 1)
        select (row, left, right);
}
