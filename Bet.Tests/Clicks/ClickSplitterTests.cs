using Bet.Engine.Clicks;

namespace Bet.Tests.Clicks;

public class ClickSplitterTests
{
    /// <summary>28 samples whose only category is their own place, and a field of 4 categories.</summary>
    private static readonly ClickSet Places = new()
    {
        NumberNames = [],
        FieldNames = ["place", "four"],
        Labels = [.. Enumerable.Range(0, 28).Select(i => (byte)(i % 2))],
        Numbers = [],
        Categories = [.. Enumerable.Range(0, 28).SelectMany(i => new[] { i, i % 4 })],
        Ids = [[.. Enumerable.Range(0, 28).Select(i => $"{i}")], ["a", "b", "c", "d"]],
    };

    private static readonly ClickSet Generated = SyntheticClicks.Generate(new SyntheticClickOptions([40, 5], 2, 3000, Seed: 3));

    [Fact]
    public void TheOrderOfTheFileDivides()
    {
        var split = ClickSplitter.Split(Places, new ClickSplitOptions(), 7);
        Assert.Equal((24, 2, 2), (split.Train.Count, split.Validation.Count, split.Test.Count));
        Assert.Equal(Enumerable.Range(0, 24).Select(i => $"{i}"), split.Fields[0].Ids);
        Assert.Equal([24, 24], Column(split.Validation, 0));
        Assert.Equal([0, 1, 2, 3], Column(split.Train, 1)[..4]);
        Assert.Equal([.. Enumerable.Repeat(6, 4), 0], split.Fields[1].Frequencies);
        Assert.Equal(split.SplitHash, ClickSplitter.Split(Places, new ClickSplitOptions(), 8).SplitHash);
        Assert.StartsWith("a31c3d99ed1656043f27933fe6e589a4b9bd03e15", split.SplitHash);
    }

    [Fact]
    public void TimesDivideWhereThereAreAny()
    {
        var set = Places with { Times = [.. Enumerable.Range(0, 28).Select(i => (long)(27 - i) / 2)] };
        var split = ClickSplitter.Split(set, new ClickSplitOptions(), 7);
        int[] rows = [.. Enumerable.Range(0, 28).OrderBy(i => set.Times[i]).ThenBy(i => i)];
        Assert.Equal(rows[..24].Select(i => set.Labels[i]), split.Train.Labels);
        Assert.Equal(rows[..24].Order().Select(i => $"{i}"), split.Fields[0].Ids);
        Assert.Equal(rows[..24].Select(i => $"{i}"), Column(split.Train, 0).Select(number => split.Fields[0].Ids[number]));
    }

    [Fact]
    public void TheSeedDividesAtRandom()
    {
        var options = new ClickSplitOptions(ClickSplitKind.Random, 0.5, 0.25);
        var split = ClickSplitter.Split(Places, options, 7);
        Assert.Equal((14, 7, 7), (split.Train.Count, split.Validation.Count, split.Test.Count));
        Assert.Equal(split.SplitHash, ClickSplitter.Split(Places, options, 7).SplitHash);
        Assert.NotEqual(split.SplitHash, ClickSplitter.Split(Places, options, 8).SplitHash);
        var train = split.Fields[0].Ids.Select(int.Parse).ToArray();
        Assert.Equal(train.Order(), train);
        Assert.NotEqual(Enumerable.Range(0, 14), train);
        Assert.Equal(14, Places.Labels.Sum(label => label));
        Assert.Equal(14, split.Train.Labels.Concat(split.Validation.Labels).Concat(split.Test.Labels).Sum(label => label));
    }

    [Fact]
    public void TheGivenTestPartStays()
    {
        var split = ClickSplitter.Split(Places with { TestStart = 20 }, new ClickSplitOptions(ClickSplitKind.AsGiven, Validation: 0.2), 7);
        Assert.Equal((16, 4, 8), (split.Train.Count, split.Validation.Count, split.Test.Count));
        Assert.Equal(Enumerable.Range(0, 16).Select(i => $"{i}"), split.Fields[0].Ids);
        Assert.Equal(Places.Labels[20..], split.Test.Labels);
        Assert.All(Column(split.Test, 0), number => Assert.Equal(16, number));
    }

    [Fact]
    public void RareAndNewCategoriesShareTheLastNumber()
    {
        // Train holds b b a c c b d, so b 3, c 2, a 1, d 1; then e, which is new, and a.
        var set = ClickReaderText("1,b\n0,b\n1,a\n0,c\n1,c\n0,b\n1,d\n0,e\n1,a\n");
        var options = new ClickSplitOptions(Train: 7.0 / 9, Validation: 1.0 / 9);
        var split = ClickSplitter.Split(set, options, 0);
        Assert.Equal(["b", "c", "a", "d"], split.Fields[0].Ids);
        Assert.Equal([3, 2, 1, 1, 0], split.Fields[0].Frequencies);
        Assert.Equal([0, 0, 2, 1, 1, 0, 3], split.Train.Categories);
        Assert.Equal((4, 2), (split.Validation.Categories[0], split.Test.Categories[0]));
        var folded = ClickSplitter.Split(set, options with { MinimumCount = 2 }, 0);
        Assert.Equal(["b", "c"], folded.Fields[0].Ids);
        Assert.Equal([3, 2, 2], folded.Fields[0].Frequencies);
        Assert.Equal([0, 0, 2, 1, 1, 0, 2], folded.Train.Categories);
        Assert.Equal([2, 2], folded.Validation.Categories.Concat(folded.Test.Categories));
        Assert.Equal([7], ClickSplitter.Split(set, options with { MinimumCount = 4 }, 0).Fields[0].Frequencies);
    }

    [Fact]
    public void NumbersAreLogarithmsOfTrainMeanAndDeviation()
    {
        float[] given = [3, float.NaN, -8, 0, 5, 1e6f, 2];
        var set = ClickReaderText(
            string.Concat(given.Select((x, i) => FormattableString.Invariant($"{i % 2},{(float.IsNaN(x) ? "" : x)},,4\n"))),
            new ClickFormat { NumberColumns = ["2", "3", "4"], CategoryColumns = [] });
        var split = ClickSplitter.Split(set, new ClickSplitOptions(Train: 5.0 / 7, Validation: 1.0 / 7), 0);
        double[] train = [Math.Log(4), -Math.Log(9), 0, Math.Log(6)];
        double mean = train.Average();
        double deviation = Math.Sqrt(train.Average(x => (x - mean) * (x - mean)));
        Assert.Equal(mean, split.Scales[0].Mean, 1e-12);
        Assert.Equal(deviation, split.Scales[0].Deviation, 1e-12);
        Assert.Equal((0.0, 1.0), (split.Scales[1].Mean, split.Scales[1].Deviation));
        Assert.Equal((Math.Log(5), 1.0), (split.Scales[2].Mean, split.Scales[2].Deviation));
        Assert.Equal((float)((Math.Log(4) - mean) / deviation), split.Train.Numbers[0], 1e-6f);
        Assert.Equal([0, 0, 0], split.Train.Numbers[3..6]);
        Assert.Equal((float)((Math.Log(1e6 + 1) - mean) / deviation), split.Validation.Numbers[0], 1e-5f);
        Assert.Equal(split.Test.Numbers[0], split.Scales[0].Of(2));
    }

    [Fact]
    public void PartsTogetherAreEverything()
    {
        foreach (var kind in Enum.GetValues<ClickSplitKind>())
        {
            var split = ClickSplitter.Split(Generated with { TestStart = 2000 }, new ClickSplitOptions(kind), 5);
            string Row(ClickRows rows, int row) => $"{rows.Labels[row]} {split.Fields[1].Ids[rows.Categories[(2 * row) + 1]]}";
            var rows = new[] { split.Train, split.Validation, split.Test }
                .SelectMany(part => Enumerable.Range(0, part.Count).Select(row => Row(part, row)));
            var raw = Enumerable.Range(0, Generated.Count)
                .Select(row => $"{Generated.Labels[row]} {Generated.Ids[1][Generated.Categories[(2 * row) + 1]]}");
            Assert.Equal(raw.Order(), rows.Order());
            var frequencies = split.Fields[0].Frequencies;
            Assert.Equal(frequencies[..^1].OrderDescending(), frequencies[..^1]);
            Assert.Equal(split.Train.Count, frequencies.Sum());
        }
    }

    [Fact]
    public void SenselessSplitsAreRefused()
    {
        void Refuses(ClickSplitOptions options, string message, ClickSet? set = null) => Assert.Contains(
            message, Assert.Throws<ArgumentException>(() => ClickSplitter.Split(set ?? Places, options, 0)).Message);
        Refuses(new((ClickSplitKind)5), "Split kind 5");
        Refuses(new(Validation: 0), "Validation must lie");
        Refuses(new(Train: double.NaN), "Train must lie");
        Refuses(new(Train: 0.9, Validation: 0.2), "at most 1");
        Refuses(new(MinimumCount: 0), "MinimumCount");
        Refuses(new(ClickSplitKind.AsGiven), "came with a test part");
        Refuses(new(ClickSplitKind.AsGiven), "too few", Places with { TestStart = 1 });
        Refuses(new(), "label 0: nothing can be learnt", Places with { Labels = [.. new byte[27], 1] });
    }

    private static int[] Column(ClickRows rows, int field) =>
        [.. rows.Categories.Where((_, place) => place % 2 == field)];

    private static ClickSet ClickReaderText(string text, ClickFormat? format = null) =>
        ClickReader.Read([Data.TestFiles.Text("clicks.csv", text)], format ?? new ClickFormat());
}
