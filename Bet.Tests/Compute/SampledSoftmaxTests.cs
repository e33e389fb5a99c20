using Bet.Engine.Compute;

namespace Bet.Tests.Compute;

public sealed class SampledSoftmaxTests
{
    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Loss_and_gradients_match_the_scalar_ones(int negatives)
    {
        foreach (int batch in new[] { 1, 5, 500 })
            Compare(batch, negatives, 0.5f, 1, 1);
        Compare(200, negatives, 1, 0.2f, 3);
    }

    [Fact]
    public void Many_rows_of_one_negative_match_the_scalar_ones() => Compare(5000, 1, 1, 1, 4);

    [Fact]
    public void Scores_whose_exponentials_overflow_are_right() => Compare(40, 33, 1, 0.1f, 300);

    [Fact]
    public void A_loss_near_zero_keeps_its_digits()
    {
        var backend = Oracle.Backend;
        using var positives = backend.Tensor(1, 1, [40]);
        using var negatives = backend.Tensor(1, 2, [0, 0]);
        using var dPositives = backend.Allocate(1, 1);
        using var dNegatives = backend.Allocate(1, 2);
        double loss = backend.SampledSoftmax(1, 1, positives, negatives, dPositives, dNegatives);
        double expected = 2 * Math.Exp(-40);
        Assert.InRange(loss / expected, 0.99999, 1.00001);
        Assert.InRange(backend.Read(dPositives)[0] / -expected, 0.99999, 1.00001);
    }

    [Fact]
    public void One_negative_is_the_bpr_loss()
    {
        var backend = Oracle.Backend;
        using var ones = backend.Allocate(300, 1);
        using var positives = backend.Tensor(300, 1, Oracle.Values(300, 1));
        using var negatives = backend.Tensor(300, 1, Oracle.Values(300, 2));
        backend.Fill(ones, 1);
        Tensor[] to = [.. Enumerable.Range(0, 5).Select(_ => backend.Allocate(300, 1))];
        double expected = backend.BprLoss(0.3f, ones, positives, negatives, to[0], to[1], to[2]);
        double actual = backend.SampledSoftmax(0.3f, 1, positives, negatives, to[3], to[4]);
        Assert.Equal(expected, actual, 1e-7);
        Oracle.Close([.. backend.Read(to[1]).Select(value => (double)value)], backend.Read(to[3]), 1e-9);
        Oracle.Close([.. backend.Read(to[2]).Select(value => (double)value)], backend.Read(to[4]), 1e-9);
        foreach (var tensor in to)
            tensor.Dispose();
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(3, 0)]
    public void Nothing_to_choose_from_costs_nothing(int rows, int negatives)
    {
        var backend = Oracle.Backend;
        using var positive = backend.Tensor(rows, 1, Oracle.Values(rows, 1));
        using var negative = backend.Tensor(rows, negatives, Oracle.Values(rows * negatives, 2));
        using var dPositive = backend.Tensor(rows, 1, Oracle.Values(rows, 3));
        using var dNegative = backend.Allocate(rows, negatives);
        Assert.Equal(0, backend.SampledSoftmax(1, 1, positive, negative, dPositive, dNegative));
        Assert.All(backend.Read(dPositive), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var one = backend.Allocate(2, 1);
        using var many = backend.Allocate(2, 3);
        Oracle.Fails(
            "SampledSoftmax: positives [2, 3], negatives [2, 3], dPositives [2, 3], dNegatives [2, 3]",
            () => backend.SampledSoftmax(1, 1, many, many, many, many));
        Oracle.Fails(
            "SampledSoftmax: positives [2, 1], negatives [2, 3], dPositives [2, 1], dNegatives [2, 1]",
            () => backend.SampledSoftmax(1, 1, one, many, one, one));
        Oracle.Fails(
            "SampledSoftmax: the temperature is 0, not positive",
            () => backend.SampledSoftmax(1, 0, one, many, one, many));
    }

    /// <summary>
    /// The softmax over p and the n_k in float64: the loss is -log of p's part, its derivative by a score is
    /// (part - [the score is p]) / t. Both gradients are compared as one tensor, p's in the first column.
    /// </summary>
    private static void Compare(int batch, int count, float scale, float temperature, float spread)
    {
        float[] p = [.. Oracle.Values(batch, 1).Select(value => spread * value)];
        float[] n = [.. Oracle.Values(batch * count, 2).Select(value => spread * value)];
        var losses = new List<double>();
        float[] actual = Oracle.Run(backend =>
        {
            using var positives = backend.Tensor(batch, 1, p);
            using var negatives = backend.Tensor(batch, count, n);
            using var dPositives = backend.Allocate(batch, 1);
            using var dNegatives = backend.Allocate(batch, count);
            losses.Add(backend.SampledSoftmax(scale, temperature, positives, negatives, dPositives, dNegatives));
            float[] first = backend.Read(dPositives), others = backend.Read(dNegatives);
            return backend.Tensor(batch, 1 + count, [.. Enumerable.Range(0, batch).SelectMany(row =>
                others.Skip(row * count).Take(count).Prepend(first[row]))]);
        });
        Assert.Single(losses.Distinct());
        double loss = 0;
        var expected = new List<double>();
        for (int row = 0; row < batch; row++)
        {
            double[] scores = [.. n.Skip(row * count).Take(count).Prepend(p[row]).Select(score => (double)score / temperature)];
            double largest = scores.Max();
            double total = scores.Sum(score => Math.Exp(score - largest));
            loss += Math.Log(total) - (scores[0] - largest);
            expected.AddRange(scores.Select((score, i) =>
                scale / batch / (double)temperature * ((Math.Exp(score - largest) / total) - (i == 0 ? 1 : 0))));
        }

        double size = spread / temperature;
        Assert.Equal(scale * loss / batch, losses[0], 1e-6 * (1 + size));
        Oracle.Close([.. expected], actual, 1e-6 * (1 + size) / batch);
    }
}
