namespace Bet.Tests.Compute;

public sealed class CrossLayerTests
{
    public static TheoryData<int, int> Shapes => new() { { 0, 3 }, { 1, 1 }, { 3, 17 }, { 40, 64 }, { 300, 129 } };

    [Theory, MemberData(nameof(Shapes))]
    public void Rows_and_dots_match_the_formula(int rows, int width)
    {
        float[] first = Oracle.Values(rows * width, 1), x = Oracle.Values(rows * width, 2);
        float[] w = Oracle.Values(width, 3), bias = Oracle.Values(width, 4);
        float[] actual = Oracle.Run(backend =>
        {
            using var firsts = backend.Tensor(rows, width, first);
            using var xs = backend.Tensor(rows, width, x);
            using var ws = backend.Tensor(width, 1, w);
            using var biases = backend.Tensor(1, width, bias);
            using var dots = backend.Allocate(rows, 1);
            using var y = backend.Allocate(rows, width);
            backend.CrossLayer(firsts, xs, ws, biases, dots, y);
            return backend.Tensor(1, rows * (width + 1), [.. backend.Read(dots), .. backend.Read(y)]);
        });
        double[] s = [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, width).Sum(j => (double)x[(row * width) + j] * w[j]))];
        Oracle.Close([.. s, .. x.Select((value, i) => (s[i / width] * first[i]) + bias[i % width] + value)], actual);
    }

    /// <summary>
    /// With y = (x . w) first + bias + x and t = dy . first: dfirst = (x . w) dy, dx = dy + t w, dw = sum t x, dbias = sum dy.
    /// </summary>
    [Theory, MemberData(nameof(Shapes))]
    public void Gradients_match_the_scalar_ones(int rows, int width)
    {
        float[] first = Oracle.Values(rows * width, 1), x = Oracle.Values(rows * width, 2), dy = Oracle.Values(rows * width, 3);
        float[] w = Oracle.Values(width, 4), s = Oracle.Values(rows, 5), kept = Oracle.Values((2 * rows * width) + (2 * width), 6);
        foreach (float beta in new[] { 0f, 1f, -0.5f })
        {
            float[] actual = Oracle.Run(backend =>
            {
                float[] Kept(int start, int count) => [.. kept.Skip(start).Take(count).Select(value => beta == 0 ? float.NaN : value)];
                using var firsts = backend.Tensor(rows, width, first);
                using var xs = backend.Tensor(rows, width, x);
                using var ws = backend.Tensor(width, 1, w);
                using var dots = backend.Tensor(rows, 1, s);
                using var slopes = backend.Tensor(rows, width, dy);
                using var dfirst = backend.Tensor(rows, width, Kept(0, rows * width));
                using var dx = backend.Tensor(rows, width, Kept(rows * width, rows * width));
                using var dw = backend.Tensor(width, 1, Kept(2 * rows * width, width));
                using var dbias = backend.Tensor(1, width, Kept((2 * rows * width) + width, width));
                backend.CrossLayerGradient(firsts, xs, ws, dots, slopes, (dfirst, beta), (dx, beta), (dw, beta), (dbias, beta));
                return backend.Tensor(
                    1, kept.Length, [.. backend.Read(dfirst), .. backend.Read(dx), .. backend.Read(dw), .. backend.Read(dbias)]);
            });
            double[] expected = [.. kept.Select(value => (double)beta * value)];
            int ofW = 2 * rows * width;
            for (int row = 0; row < rows; row++)
            {
                double t = Enumerable.Range(row * width, width).Sum(i => (double)dy[i] * first[i]);
                for (int j = 0; j < width; j++)
                {
                    int i = (row * width) + j;
                    expected[i] += (double)s[row] * dy[i];
                    expected[(rows * width) + i] += dy[i] + (t * w[j]);
                    expected[ofW + j] += t * x[i];
                    expected[ofW + width + j] += dy[i];
                }
            }

            Oracle.Close(expected, actual, 2e-5);
        }
    }

    [Fact]
    public void One_destination_for_both_inputs_takes_both_gradients()
    {
        var backend = Oracle.Backend;
        float[] x = Oracle.Values(3 * 20, 1), dy = Oracle.Values(3 * 20, 2), w = Oracle.Values(20, 3), s = Oracle.Values(3, 4);
        using var xs = backend.Tensor(3, 20, x);
        using var slopes = backend.Tensor(3, 20, dy);
        using var ws = backend.Tensor(20, 1, w);
        using var dots = backend.Tensor(3, 1, s);
        using var both = backend.Allocate(3, 20);
        using var dfirst = backend.Allocate(3, 20);
        using var dx = backend.Allocate(3, 20);
        using var dw = backend.Allocate(20, 1);
        using var dbias = backend.Allocate(1, 20);
        backend.CrossLayerGradient(xs, xs, ws, dots, slopes, (both, 0), (both, 1), (dw, 0), (dbias, 0));
        backend.CrossLayerGradient(xs, xs, ws, dots, slopes, (dfirst, 0), (dx, 0), (dw, 0), (dbias, 0));
        Oracle.Close([.. backend.Read(dfirst).Zip(backend.Read(dx), (one, other) => (double)one + other)], backend.Read(both));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 3);
        using var w = backend.Allocate(3, 1);
        using var row = backend.Allocate(1, 3);
        using var dots = backend.Allocate(2, 1);
        Oracle.Fails(
            "CrossLayer: first [2, 3], x [2, 3], w [1, 3], bias [1, 3], dots [2, 1], y [2, 3]",
            () => backend.CrossLayer(x, x, row, row, dots, x));
        Oracle.Fails(
            "CrossLayerGradient: first [2, 3], x [2, 3], w [3, 1], dots [2, 1], dy [2, 3], dfirst [2, 3], dx [2, 3], dw [3, 1], dbias [3, 1]",
            () => backend.CrossLayerGradient(x, x, w, dots, x, (x, 0), (x, 0), (w, 0), (w, 0)));
    }
}
