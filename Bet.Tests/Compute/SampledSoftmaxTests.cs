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
        double loss = backend.SampledSoftmax(1, 1, positives, negatives, null, dPositives, dNegatives);
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
        double actual = backend.SampledSoftmax(0.3f, 1, positives, negatives, null, to[3], to[4]);
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
        Assert.Equal(0, backend.SampledSoftmax(1, 1, positive, negative, null, dPositive, dNegative));
        Assert.All(backend.Read(dPositive), value => Assert.Equal(0, value));
    }

    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Negatives_that_are_excluded_do_not_count(int count)
    {
        foreach (int batch in new[] { 1, 5, 300 })
        {
            Compare(batch, count, 0.5f, 0.7f, 2, (row, k) => (row * 7 + k * 3) % 5 == 0);
            Compare(batch, count, 1, 1, 2, (row, k) => row % 2 == 0 || k == 31 || k == 32);
        }
    }

    [Fact]
    public void An_excluded_score_far_above_the_others_takes_no_digits_from_them()
    {
        var backend = Oracle.Backend;
        using var positives = backend.Tensor(1, 1, [1]);
        using var negatives = backend.Tensor(1, 2, [500, 1]);
        using var excluded = backend.Ids([1]);
        using var dPositives = backend.Allocate(1, 1);
        using var dNegatives = backend.Allocate(1, 2);
        Assert.Equal(Math.Log(2), backend.SampledSoftmax(1, 1, positives, negatives, excluded, dPositives, dNegatives), 1e-6);
        Oracle.Close([0, 0.5], backend.Read(dNegatives), 1e-7);
    }

    [Fact]
    public void Words_of_bits_for_negatives_that_follow_are_not_read()
    {
        var backend = Oracle.Backend;
        using var positives = backend.Tensor(2, 1, [1, 1]);
        using var negatives = backend.Tensor(2, 2, [1, 500, 500, 1]);
        using var excluded = backend.Ids([2, 3, 1, -1]);
        using var dPositives = backend.Allocate(2, 1);
        using var dNegatives = backend.Allocate(2, 2);
        Assert.Equal(Math.Log(2), backend.SampledSoftmax(1, 1, positives, negatives, excluded, dPositives, dNegatives), 1e-6);
        Oracle.Close([0.25, 0, 0, 0.25], backend.Read(dNegatives), 1e-7);
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var one = backend.Allocate(2, 1);
        using var many = backend.Allocate(2, 3);
        Oracle.Fails(
            "SampledSoftmax: positives [2, 3], negatives [2, 3], dPositives [2, 3], dNegatives [2, 3]",
            () => backend.SampledSoftmax(1, 1, many, many, null, many, many));
        Oracle.Fails(
            "SampledSoftmax: positives [2, 1], negatives [2, 3], dPositives [2, 1], dNegatives [2, 1]",
            () => backend.SampledSoftmax(1, 1, one, many, null, one, one));
        Oracle.Fails(
            "SampledSoftmax: the temperature is 0, not positive",
            () => backend.SampledSoftmax(1, 0, one, many, null, one, many));
        using var words = backend.AllocateIds(3);
        Oracle.Fails(
            "SampledSoftmax: negatives [2, 3] need 1 or more words of bits for each row, but excluded has 3",
            () => backend.SampledSoftmax(1, 1, one, many, words, one, many));
    }

    /// <summary>
    /// The softmax over p and the n_k in float64: the loss is -log of p's part, its derivative by a score is
    /// (part - [the score is p]) / t; an excluded one has no part. Both gradients are compared as one tensor, p's in the
    /// first column.
    /// </summary>
    private static void Compare(
        int batch, int count, float scale, float temperature, float spread, Func<int, int, bool>? excludes = null)
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
            using var bits = excludes is null ? null : backend.Ids(Bits(batch, count, excludes));
            losses.Add(backend.SampledSoftmax(scale, temperature, positives, negatives, bits, dPositives, dNegatives));
            float[] first = backend.Read(dPositives), others = backend.Read(dNegatives);
            return backend.Tensor(batch, 1 + count, [.. Enumerable.Range(0, batch).SelectMany(row =>
                others.Skip(row * count).Take(count).Prepend(first[row]))]);
        });
        Assert.Single(losses.Distinct());
        double loss = 0;
        var expected = new List<double>();
        for (int row = 0; row < batch; row++)
        {
            int at = row;
            double[] scores = [.. n.Skip(row * count).Take(count)
                .Select((score, k) => excludes?.Invoke(at, k) == true ? double.NegativeInfinity : score).Prepend(p[row])
                .Select(score => score / temperature)];
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

    private static int[] Bits(int batch, int count, Func<int, int, bool> set)
    {
        int words = (count + 31) / 32;
        int[] bits = new int[batch * words];
        for (int row = 0; row < batch; row++)
        {
            for (int k = 0; k < count; k++)
            {
                if (set(row, k))
                    bits[(row * words) + (k / 32)] |= 1 << (k % 32);
            }
        }

        return bits;
    }
}
