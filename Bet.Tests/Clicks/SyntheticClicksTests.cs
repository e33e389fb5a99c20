using System.Security.Cryptography;
using Bet.Engine.Clicks;
using Bet.Tests.Data;

namespace Bet.Tests.Clicks;

public class SyntheticClicksTests
{
    private static readonly SyntheticClickOptions Options = SyntheticClickOptions.Criteo(2000, 200_000, seed: 4);

    [Fact]
    public void CriteoTextReadsBackAsTheSet()
    {
        var text = Criteo(Options);
        var set = SyntheticClicks.Generate(Options);
        var back = ClickReader.Read([TestFiles.Bytes("train.txt", text)], new ClickFormat());
        Assert.Equal(set.NumberNames.Concat(set.FieldNames), back.NumberNames.Concat(back.FieldNames));
        Assert.Equal(set.Labels, back.Labels);
        Assert.Equal(set.Numbers, back.Numbers);
        Assert.Equal(set.Categories, back.Categories);
        Assert.Equal(set.Ids.SelectMany(ids => ids), back.Ids.SelectMany(ids => ids));
        Assert.Equal(text, Criteo(Options));
        Assert.NotEqual(text, Criteo(Options with { Seed = 5 }));
        Assert.StartsWith("3be00b7e40057622153d5d98e7c558aea1aaea88e", Convert.ToHexStringLower(SHA256.HashData(text)));
        Assert.Contains(set.Numbers, float.IsNaN);
        Assert.Contains(set.Numbers, number => number == -1);
        Assert.Contains("", set.Ids[3]);
        Assert.DoesNotContain("", set.Ids[2]);
    }

    [Fact]
    public void DelimitedTextReadsBackAsTheSet()
    {
        var options = new SyntheticClickOptions([50, 7], 2, 300);
        var stream = new MemoryStream();
        SyntheticClicks.WriteDelimited(options, stream);
        var format = new ClickFormat { NumberColumns = ["i1", "i2"] };
        var back = ClickReader.Read([TestFiles.Bytes("clicks.tsv", stream.ToArray())], format);
        Assert.Equivalent(SyntheticClicks.Generate(options), back with { Reading = null }, strict: true);
        Assert.Throws<ArgumentException>(() => SyntheticClicks.WriteCriteo(options, stream));
    }

    [Fact]
    public void ShapesAndSharesAreThoseAskedFor()
    {
        foreach (int categories in new[] { 200_000, 30_000_000 })
        {
            var options = SyntheticClickOptions.Criteo(1, categories);
            Assert.Equal((26, categories), (options.Categories.Count, options.Categories.Sum()));
        }

        var set = SyntheticClicks.Generate(new SyntheticClickOptions([1000, 4], 1, 20_000) { PositiveShare = 0.1 });
        Assert.Equal(0.1, ClickSummary.Of(set).PositiveShare, 0.01);
        var frequencies = ClickSplitter.Split(set, new ClickSplitOptions(), 0).Fields[0].Frequencies;
        Assert.True(frequencies[0] > 5 * frequencies[20] && frequencies[20] > 3 * frequencies[200]);
        Assert.InRange(set.Ids[0].Count, 900, 1000);
        Assert.Equal(4, set.Ids[1].Count);
        Assert.Throws<ArgumentException>(() => SyntheticClicks.Generate(new SyntheticClickOptions([0], 1, 5)));
        Assert.Throws<ArgumentException>(() => SyntheticClicks.Generate(new SyntheticClickOptions([], 0, 5)));
    }

    /// <summary>
    /// Against the rows' true probabilities: a logistic model with a value for each category must come well below the
    /// log loss of the base rate, and one with a value for each pair too must come below that.
    /// </summary>
    [Fact]
    public void EffectsBeatTheBaseRateAndPairsBeatEffects()
    {
        const int count = 60_000;
        const int size = 8;
        var rows = new SyntheticClickRows(new SyntheticClickOptions([size, size, size], 0, count, Seed: 1));
        var all = rows.Take(0, count);
        var truth = new double[count];
        rows.Fill(0, all.Labels, all.Numbers, all.Categories, truth);
        double best = Enumerable.Range(0, count).Average(row => Loss(truth[row], all.Labels[row]));
        double share = all.Labels.Average(label => label);
        double none = -(share * Math.Log(share)) - ((1 - share) * Math.Log(1 - share));
        double effects = Train(all, row => [.. Enumerable.Range(0, 3).Select(field => (field * size) + all.Categories[(3 * row) + field])]);
        double pairs = Train(all, row => [.. new[] { (0, 1), (0, 2), (1, 2) }.Select((pair, place) =>
            (((place * size) + all.Categories[(3 * row) + pair.Item1]) * size) + all.Categories[(3 * row) + pair.Item2])]);
        Assert.True(effects < none - 0.03 && pairs < effects - 0.01 && best < pairs, $"{none:F4} {effects:F4} {pairs:F4} {best:F4}");
        Assert.Equal(best, pairs, 0.01);
    }

    [Fact]
    public void RowsAreThoseOfTheSetInOtherNumbers()
    {
        var options = new SyntheticClickOptions([300, 5], 2, 400, Seed: 6);
        var set = SyntheticClicks.Generate(options);
        var rows = new SyntheticClickRows(options);
        var clicks = rows.Prepare(300, 50, 50);
        Assert.Equal(set.Labels, clicks.Train.Labels.Concat(clicks.Validation.Labels).Concat(clicks.Test.Labels));
        Assert.Equal(set.Numbers.Skip(600).Take(100).Select((x, i) => rows.Scales[i % 2].Of(x)), clicks.Validation.Numbers);
        Assert.Equal((300, 300), (clicks.Fields[0].Categories, clicks.Fields[0].Frequencies.Sum()));
        Assert.Contains(0, clicks.Fields[0].Frequencies);
        for (int row = 0; row < 300; row++)
        {
            for (int other = 0; other < row; other++)
                Assert.Equal(set.Categories[2 * row] == set.Categories[2 * other], clicks.Train.Categories[2 * row] == clicks.Train.Categories[2 * other]);
        }

        Assert.Equal(clicks.Test.Categories, rows.Take(350, 50).Categories);
        Assert.Equal(clicks.SplitHash, new SyntheticClickRows(options).Prepare(300, 50, 50).SplitHash);
        Assert.Throws<ArgumentException>(() => rows.Fill(0, new byte[2], new float[4], new int[3]));
    }

    [Fact]
    public void ThirtyMillionCategoriesTakeNoMemory()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var rows = new SyntheticClickRows(SyntheticClickOptions.Criteo(1));
        var batch = rows.Take(1L << 40, 1000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 2_000_000);
        for (int field = 0; field < 26; field++)
            Assert.All(Enumerable.Range(0, 1000), row => Assert.InRange(batch.Categories[(row * 26) + field], 0, rows.Categories[field] - 1));
        Assert.Contains(batch.Categories, category => category > 1_000_000);
    }

    /// <summary>The log loss, on the last third, of one value for each feature, learnt on the others by Adagrad.</summary>
    private static double Train(ClickRows rows, Func<int, int[]> features)
    {
        var values = new double[300];
        var squares = new double[300];
        double loss = 0;
        int train = rows.Count * 2 / 3;
        for (int step = 0; step < (2 * train) + (rows.Count - train); step++)
        {
            int row = step < 2 * train ? step % train : step - train;
            int[] own = features(row);
            double probability = 1 / (1 + Math.Exp(-own.Sum(feature => values[feature])));
            if (step >= 2 * train)
            {
                loss += Loss(probability, rows.Labels[row]);
                continue;
            }

            foreach (int feature in own)
            {
                double gradient = probability - rows.Labels[row];
                squares[feature] += gradient * gradient;
                values[feature] -= 0.1 * gradient / Math.Sqrt(squares[feature] + 1e-9);
            }
        }

        return loss / (rows.Count - train);
    }

    private static double Loss(double probability, byte label) => -Math.Log(label == 1 ? probability : 1 - probability);

    private static byte[] Criteo(SyntheticClickOptions options)
    {
        var stream = new MemoryStream();
        SyntheticClicks.WriteCriteo(options, stream);
        return stream.ToArray();
    }
}
