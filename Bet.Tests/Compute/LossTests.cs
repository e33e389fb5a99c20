using Bet.Engine.Compute;

namespace Bet.Tests.Compute;

public sealed class LossTests
{
    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Bpr_loss_and_gradients_match_the_scalar_ones(int width)
    {
        foreach (int batch in new[] { 1, 5, 500 })
            CompareBpr(batch, width, 0.5f, 1);
    }

    [Fact]
    public void Bpr_loss_is_finite_where_the_exponential_is_not() => CompareBpr(40, 33, 1, 30);

    [Fact]
    public void Bpr_loss_of_no_rows_is_zero()
    {
        using var empty = Oracle.Backend.Allocate(0, 8);
        Assert.Equal(0, Oracle.Backend.BprLoss(1, empty, empty, empty, empty, empty, empty));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 1)]
    [InlineData(3, 17)]
    [InlineData(600, 130)]
    public void Squared_norm_matches_the_scalar_one(int rows, int columns)
    {
        float[] x = Oracle.Values(rows * columns, 1);
        var norms = new List<double>();
        Oracle.Run(backend =>
        {
            var values = backend.Tensor(rows, columns, x);
            norms.Add(backend.SquaredNorm(0.25f, values));
            return values;
        });
        Assert.Single(norms.Distinct());
        double expected = 0.25 * x.Sum(value => (double)value * value);
        Assert.Equal(expected, norms[0], 1e-6 * (1 + expected));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 3);
        using var y = backend.Allocate(3, 2);
        Oracle.Fails(
            "BprLoss: users [2, 3], positives [2, 3], negatives [2, 3], du [2, 3], dp [2, 3], dn [3, 2]",
            () => backend.BprLoss(1, x, x, x, x, x, y));
    }

    /// <summary>
    /// With x = u . (p - n): loss softplus(-x), d/dx = -sigmoid(-x), so du = -s (p - n), dp = -s u, dn = s u, each
    /// times scale / batch. The three gradients are compared as one tensor, side by side.
    /// </summary>
    private static void CompareBpr(int batch, int width, float scale, float spread)
    {
        float[][] inputs = [.. Enumerable.Range(1, 3).Select(seed =>
            Oracle.Values(batch * width, seed).Select(value => spread * value).ToArray())];
        var losses = new List<double>();
        float[] actual = Oracle.Run(backend =>
        {
            Tensor[] from = [.. inputs.Select(values => backend.Tensor(batch, width, values))];
            Tensor[] to = [.. inputs.Select(_ => backend.Allocate(batch, width))];
            losses.Add(backend.BprLoss(scale, from[0], from[1], from[2], to[0], to[1], to[2]));
            var all = backend.Allocate(batch, 3 * width);
            for (int i = 0; i < 3; i++)
                backend.CopyColumns(to[i], new(0, width), all, new(i * width, width), false);
            foreach (var tensor in from.Concat(to))
                tensor.Dispose();
            return all;
        });
        Assert.Single(losses.Distinct());
        double loss = 0;
        double[] expected = new double[3 * batch * width];
        for (int row = 0; row < batch; row++)
        {
            double[][] rows = [.. inputs.Select(values =>
                values.Skip(row * width).Take(width).Select(value => (double)value).ToArray())];
            double x = 0;
            for (int j = 0; j < width; j++)
                x += rows[0][j] * (rows[1][j] - rows[2][j]);
            loss += x > 0 ? Math.Log(1 + Math.Exp(-x)) : Math.Log(1 + Math.Exp(x)) - x;
            double slope = scale / batch / (1 + Math.Exp(x));
            for (int j = 0; j < width; j++)
            {
                int at = (row * 3 * width) + j;
                expected[at] = -slope * (rows[1][j] - rows[2][j]);
                expected[at + width] = -slope * rows[0][j];
                expected[at + (2 * width)] = slope * rows[0][j];
            }
        }

        Assert.Equal(scale * loss / batch, losses[0], 1e-5 * spread * spread);
        Oracle.Close(expected, actual, 1e-5 * spread * spread / batch);
    }
}
