using Bet.Engine.Evaluation;

namespace Bet.Tests.Evaluation;

public sealed class ClickMetricsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Values_match_their_definitions_with_ties(int seed)
    {
        var (labels, scores) = Draw(300, seed, levels: 12);
        double[] p = [.. scores.Select(z => 1 / (1 + Math.Exp(-z)))];
        var metrics = ClickMetrics.Of(labels, scores);
        int[] clicks = [.. Enumerable.Range(0, 300).Where(i => labels[i] == 1)], others = [.. Enumerable.Range(0, 300).Except(clicks)];

        double auc = clicks.Average(i => others.Average(j => scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0));
        double loss = Enumerable.Range(0, 300).Average(i => -Math.Log(labels[i] == 1 ? p[i] : 1 - p[i]));
        double q = clicks.Length / 300.0, entropy = -(q * Math.Log(q)) - ((1 - q) * Math.Log(1 - q));
        Assert.Equal((300, clicks.Length), (metrics.Samples, metrics.Positives));
        Assert.Equal(auc, metrics.Auc.Value, 1e-12);
        Assert.Equal(loss, metrics.LogLoss.Value, 1e-12);
        Assert.Equal(loss, ClickMetrics.LogLossOf(labels, scores), 1e-12);
        Assert.Equal(loss / entropy, metrics.NormalisedEntropy.Value, 1e-12);
        Assert.Equal(p.Average() / q, metrics.Calibration.Value, 1e-12);
        Assert.Equal(Enumerable.Range(0, 300).Average(i => p[i] > 0.5 == (labels[i] == 1) ? 1 : 0), metrics.Accuracy.Value, 1e-12);
        Assert.Equal(300, metrics.Bins.Sum(bin => bin.Samples));
        Assert.Equal(p.Average(), metrics.Bins.Sum(bin => bin.Samples * bin.Predicted) / 300, 1e-12);
        Assert.Equal(q, metrics.Bins.Sum(bin => bin.Samples * bin.Observed) / 300, 1e-12);
    }

    /// <summary>DeLong's formula by its definition: variances of the shares that each click and each non-click sees.</summary>
    [Fact]
    public void The_error_of_the_auc_is_delongs()
    {
        var (labels, scores) = Draw(120, 4, levels: 15);
        float[] clicks = [.. scores.Where((_, i) => labels[i] == 1)], others = [.. scores.Where((_, i) => labels[i] == 0)];
        static double Beats(float a, float b) => a > b ? 1 : a == b ? 0.5 : 0;
        double[] v10 = [.. clicks.Select(x => others.Average(y => Beats(x, y)))], v01 = [.. others.Select(y => clicks.Average(x => Beats(x, y)))];
        static double Variance(double[] values) => values.Sum(v => Math.Pow(v - values.Average(), 2)) / (values.Length - 1);
        Assert.Equal(
            Math.Sqrt((Variance(v10) / v10.Length) + (Variance(v01) / v01.Length)), ClickMetrics.Of(labels, scores).Auc.Error, 1e-12);
    }

    [Fact]
    public void Standard_errors_are_those_of_repeated_samples()
    {
        const int repeats = 400;
        ClickMetrics[] drawn = [.. Enumerable.Range(10, repeats).Select(seed =>
        {
            var (labels, scores) = Draw(1000, seed, levels: 40);
            return ClickMetrics.Of(labels, scores);
        })];
        foreach (var estimate in new Func<ClickMetrics, Estimate>[] { m => m.LogLoss, m => m.Auc, m => m.Accuracy, m => m.Calibration, m => m.NormalisedEntropy })
        {
            double mean = drawn.Average(m => estimate(m).Value);
            double deviation = Math.Sqrt(drawn.Sum(m => Math.Pow(estimate(m).Value - mean, 2)) / (repeats - 1));
            Assert.InRange(drawn.Average(m => estimate(m).Error) / deviation, 0.87, 1.15);
            Assert.InRange(drawn.Count(m => estimate(m).Low < mean && mean < estimate(m).High) / (double)repeats, 0.91, 0.985);
        }
    }

    [Fact]
    public void The_order_of_samples_that_tie_does_not_matter()
    {
        var (labels, scores) = Draw(500, 5, levels: 7);
        int[] turned = [.. Enumerable.Range(0, 500).Reverse()];
        var one = ClickMetrics.Of(labels, scores);
        var other = ClickMetrics.Of([.. turned.Select(i => labels[i])], [.. turned.Select(i => scores[i])]);
        Assert.Equal(one.Bins, other.Bins);
        Assert.Equal(one.Auc, other.Auc);
    }

    [Fact]
    public void The_base_rate_alone_is_calibrated_and_knows_nothing()
    {
        byte[] labels = [1, 0, 0, 0, 1, 0, 0, 0];
        float[] scores = [.. labels.Select(_ => MathF.Log(1f / 3))];
        var metrics = ClickMetrics.Of(labels, scores);
        Assert.Equal(1, metrics.NormalisedEntropy.Value, 1e-6);
        Assert.Equal(1, metrics.Calibration.Value, 1e-6);
        Assert.Equal(0, metrics.ExpectedCalibrationError, 1e-6);
        Assert.Equal(0.5, metrics.Auc.Value);
    }

    /// <summary>By hand: two bins' worth of samples at 0.9 and 0.1, of which half and none are clicks.</summary>
    [Fact]
    public void The_calibration_error_is_the_mean_distance_of_the_bins()
    {
        byte[] labels = [.. Enumerable.Range(0, 400).Select(i => (byte)(i < 200 && i % 2 == 0 ? 1 : 0))];
        float[] scores = [.. Enumerable.Range(0, 400).Select(i => i < 200 ? MathF.Log(9) : -MathF.Log(9))];
        Assert.Equal((0.4 + 0.1) / 2, ClickMetrics.Of(labels, scores).ExpectedCalibrationError, 1e-6);
    }

    [Fact]
    public void A_score_far_out_costs_what_it_should()
    {
        Assert.Equal(100, ClickMetrics.LogLossOf([0], [100f]), 1e-9);
        Assert.Equal(Math.Exp(-30), ClickMetrics.LogLossOf([1], [30f]), 1e-15);
    }

    [Fact]
    public void What_is_not_defined_is_not_a_number()
    {
        var metrics = ClickMetrics.Of([0, 0, 0], [1f, -1f, 2f]);
        Assert.True(double.IsNaN(metrics.Auc.Value) && double.IsNaN(metrics.Calibration.Value) && double.IsNaN(metrics.NormalisedEntropy.Value));
        Assert.Throws<ArgumentException>(() => ClickMetrics.Of([0, 1], [float.NaN, 0]));
        Assert.Throws<ArgumentException>(() => ClickMetrics.Of([0], [0, 1]));
    }

    /// <summary>Scores of some levels, and labels that follow them in part.</summary>
    private static (byte[] Labels, float[] Scores) Draw(int count, int seed, int levels)
    {
        var random = new Random(seed);
        float[] scores = [.. Enumerable.Range(0, count).Select(_ => (6f * random.Next(levels) / levels) - 4)];
        byte[] labels = [.. scores.Select(z => (byte)(random.NextDouble() < 1 / (1 + Math.Exp(0.5 - (0.7 * z))) ? 1 : 0))];
        return (labels, scores);
    }
}
