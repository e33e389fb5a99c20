namespace Bet.Tests.Compute;

public sealed class NormaliseRowsTests
{
    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Rows_and_norms_match_the_scalar_ones(int width)
    {
        foreach (int rows in new[] { 0, 1, 1300 })
        {
            float[] x = Oracle.Values(rows * width, 1);
            var (y, norms) = Normalise(x, rows, width);
            double[] expected = [.. Enumerable.Range(0, rows).Select(row =>
                Math.Sqrt(x.Skip(row * width).Take(width).Sum(value => (double)value * value)))];
            Oracle.Close(expected, norms);
            Oracle.Close([.. x.Select((value, i) => value / expected[i / width])], y);
        }
    }

    [Fact]
    public void A_row_of_zeros_stays_one()
    {
        var (y, norms) = Normalise([0, 0, 0, 3, 0, 4], 2, 3);
        Oracle.Close([0, 0, 0, 0.6, 0, 0.8], y);
        Assert.Equal([1e-12f, 5f], norms);
    }

    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Gradients_match_the_scalar_ones(int width)
    {
        foreach (var (rows, beta) in new[] { (0, 0f), (1, 0f), (1300, 0f), (1300, 1f), (1300, -0.5f) })
        {
            float[] y = Oracle.Values(rows * width, 1), dy = Oracle.Values(rows * width, 2);
            float[] dx = Oracle.Values(rows * width, 3);
            float[] norms = [.. Oracle.Values(rows, 4).Select(value => 1.5f + value)];
            float[] actual = Oracle.Run(backend =>
            {
                using var values = backend.Tensor(rows, width, y);
                using var lengths = backend.Tensor(rows, 1, norms);
                using var slopes = backend.Tensor(rows, width, dy);
                var result = backend.Tensor(rows, width, dx);
                if (beta == 0)
                    backend.Fill(result, float.NaN);
                backend.NormaliseRowsGradient(values, lengths, slopes, beta, result);
                return result;
            });
            double[] along = [.. Enumerable.Range(0, rows).Select(row =>
                Enumerable.Range(row * width, width).Sum(i => (double)dy[i] * y[i]))];
            Oracle.Close(
                [.. dx.Select((value, i) =>
                    ((dy[i] - (along[i / width] * y[i])) / norms[i / width]) + ((double)beta * value))],
                actual, 2e-5);
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 3);
        using var y = backend.Allocate(3, 2);
        using var norms = backend.Allocate(2, 1);
        Oracle.Fails(
            "NormaliseRows: x is [2, 3], norms are [2, 1], y is [3, 2]", () => backend.NormaliseRows(x, norms, y));
        Oracle.Fails(
            "NormaliseRows: x is [2, 3], norms are [2, 3], y is [2, 3]", () => backend.NormaliseRows(x, x, x));
        Oracle.Fails(
            "NormaliseRowsGradient: y is [2, 3], norms are [2, 1], dy is [3, 2], dx is [2, 3]",
            () => backend.NormaliseRowsGradient(x, norms, y, 0, x));
    }

    private static (float[] Y, float[] Norms) Normalise(float[] x, int rows, int width)
    {
        float[] both = Oracle.Run(backend =>
        {
            using var values = backend.Tensor(rows, width, x);
            using var norms = backend.Allocate(rows, 1);
            using var y = backend.Allocate(rows, width);
            backend.NormaliseRows(values, norms, y);
            return backend.Tensor(1, rows * (width + 1), [.. backend.Read(y), .. backend.Read(norms)]);
        });
        return (both[..(rows * width)], both[(rows * width)..]);
    }
}
