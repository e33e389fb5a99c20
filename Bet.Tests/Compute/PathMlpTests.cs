namespace Bet.Tests.Compute;

public sealed class PathMlpTests
{
    [Theory]
    [InlineData(0, 4, 3)]
    [InlineData(1, 1, 1)]
    [InlineData(3, 15, 8)]
    [InlineData(50, 17, 64)]
    [InlineData(5, 33, 1)]
    public void Values_and_gradients_match_the_scalar_ones(int rows, int width, int hidden)
    {
        int columns = (2 * hidden * width) + hidden + width;
        float[] x = Oracle.Values(rows * width, 1), weights = Oracle.Values(rows * columns, 2), dy = Oracle.Values(rows * width, 3);
        float[] dx0 = Oracle.Values(rows * width, 4), dw0 = Oracle.Values(rows * columns, 5);
        foreach (float beta in new[] { 0f, 1f, -0.5f })
        {
            var y = new double[rows * width];
            double[] dx = [.. dx0.Select(value => (double)beta * value)], dw = [.. dw0.Select(value => (double)beta * value)];
            for (int row = 0; row < rows; row++)
            {
                int at = row * width, into = row * columns, bias = into + (hidden * width), from = bias + hidden, last = from + (hidden * width);
                for (int i = 0; i < width; i++)
                    (y[at + i], dw[last + i]) = (weights[last + i], dw[last + i] + dy[at + i]);
                for (int j = 0; j < hidden; j++)
                {
                    double sum = weights[bias + j], slope = 0;
                    for (int i = 0; i < width; i++)
                        sum += (double)weights[into + (j * width) + i] * x[at + i];
                    if (sum <= 0)
                        continue;
                    for (int i = 0; i < width; i++)
                    {
                        y[at + i] += sum * weights[from + (j * width) + i];
                        dw[from + (j * width) + i] += sum * dy[at + i];
                        slope += (double)weights[from + (j * width) + i] * dy[at + i];
                    }

                    dw[bias + j] += slope;
                    for (int i = 0; i < width; i++)
                    {
                        dw[into + (j * width) + i] += slope * x[at + i];
                        dx[at + i] += slope * weights[into + (j * width) + i];
                    }
                }
            }

            Oracle.Close(y, Oracle.Run(backend =>
            {
                using var left = backend.Tensor(rows, width, x);
                using var layers = backend.Tensor(rows, columns, weights);
                var result = backend.Allocate(rows, width);
                backend.Fill(result, float.NaN);
                backend.PathMlp(left, layers, result);
                return result;
            }), 1e-4);
            foreach (bool ofWeights in new[] { false, true })
            {
                Oracle.Close(ofWeights ? dw : dx, Oracle.Run(backend =>
                {
                    using var left = backend.Tensor(rows, width, x);
                    using var layers = backend.Tensor(rows, columns, weights);
                    using var given = backend.Tensor(rows, width, dy);
                    var byX = backend.Tensor(rows, width, dx0);
                    var byWeights = backend.Tensor(rows, columns, dw0);
                    if (beta == 0)
                    {
                        backend.Fill(byX, float.NaN);
                        backend.Fill(byWeights, float.NaN);
                    }

                    backend.PathMlpGradient(left, layers, given, beta, byX, beta, byWeights);
                    (ofWeights ? byX : byWeights).Dispose();
                    return ofWeights ? byWeights : byX;
                }), 1e-4);
            }
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 3);
        using var weights = backend.Allocate(2, 11);
        Oracle.Fails("PathMlp: x is [2, 3], weights are [2, 11], y is [2, 3]", () => backend.PathMlp(x, weights, x));
        using var fitting = backend.Allocate(2, 17);
        Oracle.Fails(
            "PathMlpGradient: x is [2, 3], weights are [2, 17], dy is [2, 3], dx is [2, 11], dWeights are [2, 17]",
            () => backend.PathMlpGradient(x, fitting, x, 0, weights, 0, fitting));
    }
}
