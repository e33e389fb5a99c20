using System.Diagnostics;
using Bet.Engine.Clicks;
using Bet.Tests.Data;
using Xunit.Abstractions;

namespace Bet.Tests.Clicks;

public class PublishedClicksTests(ITestOutputHelper output)
{
    [DataFact("criteo10k")]
    public void CriteoSampleHasItsPublishedCounts()
    {
        var set = ClickReader.ReadFolder(SharedData.Find("criteo10k")!);
        var summary = ClickSummary.Of(set);
        Assert.Equal((10_000, 13, 26), (summary.Rows, summary.Numbers.Count, summary.Fields.Count));
        Assert.Equal(0.218, summary.PositiveShare, 0.0005);
        Assert.False(summary.HasTimes || summary.HasTestPart);
        Assert.Equal(0, summary.Numbers[1].MissingShare);
        Assert.InRange(summary.Numbers[0].MissingShare, 0.3, 0.6);
        Assert.Contains(set.Ids, ids => ids.Contains(""));
        var split = ClickSplitter.Split(set, new ClickSplitOptions(MinimumCount: 2), 0);
        Assert.Equal((8572, 10_000), (split.Train.Count, split.Train.Count + split.Validation.Count + split.Test.Count));
        Assert.All(split.Train.Numbers, number => Assert.InRange(number, -30, 30));
    }

    [DataFact("ml1m-ctr")]
    public void MovieLensHasItsPublishedCounts()
    {
        var clock = Stopwatch.StartNew();
        var set = ClickReader.ReadFolder(
            SharedData.Find("ml1m-ctr")!, new ClickFormat { LabelColumn = "label", IgnoredColumns = ["rating"] });
        output.WriteLine($"{set.Count / clock.Elapsed.TotalSeconds:F0} rows a second");
        var summary = ClickSummary.Of(set);
        Assert.Equal(1_000_209, summary.Rows);
        Assert.Equal(575_281 / 1_000_209.0, summary.PositiveShare);
        Assert.Equal(
            "user 6040, item 3706, gender 2, age 7, occupation 21, zip 3439, year 81, genres 301",
            string.Join(", ", summary.Fields.Select(field => $"{field.Name} {field.Categories}")));
        var rated = ClickReader.ReadFolder(
            SharedData.Find("ml1m-ctr")!,
            new ClickFormat { LabelColumn = "rating", LabelThreshold = 4, IgnoredColumns = ["label"] });
        Assert.Equal(set.Labels, rated.Labels);
        Assert.Equal(set.Categories, rated.Categories);
    }
}
