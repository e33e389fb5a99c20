namespace Bet.Tests.Compute;

public sealed class PairSumsTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 0, 3, 4 }, { 3, 0, 4 }, { 1, 1, 1 }, { 7, 1, 17 }, { 1, 7, 15 }, { 30, 40, 33 }, { 500, 9, 64 }, { 5, 300, 130 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Every_row_is_added_to_every_row(int n, int m, int width)
    {
        float[] x = Oracle.Values(n * width, 1), z = Oracle.Values(m * width, 2);
        float[] actual = Oracle.Run(backend =>
        {
            using var left = backend.Tensor(n, width, x);
            using var right = backend.Tensor(m, width, z);
            var sums = backend.Allocate(n * m, width);
            backend.PairSums(left, right, sums);
            return sums;
        });
        Assert.Equal(
            Enumerable.Range(0, n * m).SelectMany(row =>
                Enumerable.Range(0, width).Select(h => x[(row / m * width) + h] + z[(row % m * width) + h])),
            actual);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Gradients_match_the_scalar_ones(int n, int m, int width)
    {
        float[] dy = Oracle.Values(n * m * width, 1);
        float[] dx = Oracle.Values(n * width, 2), dz = Oracle.Values(m * width, 3);
        foreach (var (betaX, betaZ) in new[] { (0f, 1f), (1f, 0f), (-0.5f, 2f) })
        {
            float[] actual = Oracle.Run(backend =>
            {
                using var slopes = backend.Tensor(n * m, width, dy);
                using var left = backend.Tensor(n, width, dx);
                using var right = backend.Tensor(m, width, dz);
                if (betaX == 0)
                    backend.Fill(left, float.NaN);
                if (betaZ == 0)
                    backend.Fill(right, float.NaN);
                backend.PairSumsGradient(slopes, betaX, left, betaZ, right);
                return backend.Tensor(1, (n + m) * width, [.. backend.Read(left), .. backend.Read(right)]);
            });
            double[] expected = [.. dx.Select(value => (double)betaX * value), .. dz.Select(value => (double)betaZ * value)];
            for (int i = 0; i < dy.Length; i++)
            {
                int row = i / width;
                expected[(row / m * width) + (i % width)] += dy[i];
                expected[((n + (row % m)) * width) + (i % width)] += dy[i];
            }

            Oracle.Close(expected, actual);
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 3);
        using var z = backend.Allocate(4, 3);
        using var y = backend.Allocate(8, 2);
        Oracle.Fails("PairSums: x is [2, 3], z is [4, 3], y is [8, 2]", () => backend.PairSums(x, z, y));
        Oracle.Fails(
            "PairSumsGradient: dy is [4, 3], dx is [2, 3], dz is [4, 3]",
            () => backend.PairSumsGradient(z, 0, x, 0, z));
    }
}
