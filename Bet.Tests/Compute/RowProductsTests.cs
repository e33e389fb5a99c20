namespace Bet.Tests.Compute;

public sealed class RowProductsTests
{
    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Row_dots_match_the_scalar_ones(int width)
    {
        foreach (var (rows, beta) in new[] { (0, 0f), (1, 0f), (1, 1f), (1700, 0f), (1700, -0.5f) })
        {
            float[] x = Oracle.Values(rows * width, 1), z = Oracle.Values(rows * width, 2);
            float[] y = Oracle.Values(rows, 3);
            float[] actual = Oracle.Run(backend =>
            {
                using var left = backend.Tensor(rows, width, x);
                using var right = backend.Tensor(rows, width, z);
                var dots = backend.Tensor(rows, 1, y);
                if (beta == 0)
                    backend.Fill(dots, float.NaN);
                backend.RowDots(0.3f, left, right, beta, dots);
                return dots;
            });
            double[] expected = [.. y.Select(value => (double)beta * value)];
            for (int i = 0; i < x.Length; i++)
                expected[i / width] += 0.3f * (double)x[i] * z[i];
            Oracle.Close(expected, actual);
        }
    }

    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Scaled_rows_match_the_scalar_ones(int width)
    {
        foreach (var (rows, beta) in new[] { (0, 0f), (1, 0f), (1700, 0f), (1700, 1f), (1700, -0.5f) })
        {
            float[] scales = Oracle.Values(rows, 1), x = Oracle.Values(rows * width, 2);
            float[] y = Oracle.Values(rows * width, 3);
            float[] actual = Oracle.Run(backend =>
            {
                using var factors = backend.Tensor(rows, 1, scales);
                using var source = backend.Tensor(rows, width, x);
                var result = backend.Tensor(rows, width, y);
                if (beta == 0)
                    backend.Fill(result, float.NaN);
                backend.ScaleRows(0.3f, factors, source, beta, result);
                return result;
            });
            Oracle.Close(
                [.. x.Select((value, i) => (0.3f * (double)scales[i / width] * value) + ((double)beta * y[i]))], actual);
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 3);
        using var z = backend.Allocate(3, 2);
        using var y = backend.Allocate(2, 1);
        Oracle.Fails("RowDots: x is [2, 3], z is [3, 2], y is [2, 1]", () => backend.RowDots(1, x, z, 0, y));
        Oracle.Fails("RowDots: x is [2, 3], z is [2, 3], y is [3, 2]", () => backend.RowDots(1, x, x, 0, z));
        Oracle.Fails(
            "ScaleRows: scales are [2, 1], x is [2, 3], y is [3, 2]", () => backend.ScaleRows(1, y, x, 0, z));
        Oracle.Fails(
            "ScaleRows: scales are [3, 2], x is [2, 3], y is [2, 3]", () => backend.ScaleRows(1, z, x, 0, x));
    }
}
