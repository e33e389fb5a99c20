namespace Bet.Tests.Compute;

public sealed class LogisticLossTests
{
    /// <summary>loss = mean of log(1 + e^z) - y z, d/dz = (1 / (1 + e^-z) - y) / b, both times scale.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(17, 1)]
    [InlineData(5000, 1)]
    [InlineData(40, 900)]
    public void Loss_and_gradient_match_the_scalar_ones(int rows, float spread)
    {
        const float scale = 0.5f;
        float[] scores = [.. Oracle.Values(rows, 1).Select(value => spread * value)];
        float[] labels = [.. Oracle.Values(rows, 2).Select(value => value > 0.4f ? 1f : 0f)];
        var losses = new List<double>();
        float[] actual = Oracle.Run(backend =>
        {
            using var from = backend.Tensor(rows, 1, scores);
            using var wanted = backend.Tensor(rows, 1, labels);
            var gradient = backend.Allocate(rows, 1);
            losses.Add(backend.LogisticLoss(scale, from, wanted, gradient));
            return gradient;
        });
        Assert.Single(losses.Distinct());
        double expected = scores.Zip(labels, (z, y) => (z > 0 ? z + Math.Log(1 + Math.Exp(-z)) : Math.Log(1 + Math.Exp(z))) - ((double)y * z)).Average();
        Assert.Equal(scale * expected, losses[0], 1e-9 * spread);
        Oracle.Close([.. scores.Zip(labels, (z, y) => scale / rows * ((1 / (1 + Math.Exp(-z))) - y))], actual, 1e-7);
    }

    [Fact]
    public void The_loss_of_no_rows_is_zero()
    {
        using var none = Oracle.Backend.Allocate(0, 1);
        Assert.Equal(0, Oracle.Backend.LogisticLoss(1, none, none, none));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 1);
        using var y = backend.Allocate(3, 1);
        Oracle.Fails("LogisticLoss: scores [2, 1], labels [3, 1], dScores [2, 1]", () => backend.LogisticLoss(1, x, y, x));
    }
}
