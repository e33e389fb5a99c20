using Bet.Engine.Data;

namespace Bet.Tests.Data;

public class PublishedDataTests
{
    [DataFact("gowalla")]
    public void GowallaHasItsPublishedCounts() => HasCounts("gowalla", 29_858, 40_981, 810_128, 217_242);

    [DataFact("yelp2018")]
    public void YelpHasItsPublishedCounts() => HasCounts("yelp2018", 31_668, 38_048, 1_237_259, 324_147);

    [DataFact("ml1m-ctr")]
    public void MovieLensRatingsHaveTheirPublishedCounts()
    {
        string folder = SharedData.Find("ml1m-ctr")!;
        Assert.Contains("labelColumn=label", Assert.Throws<DataFormatException>(() => DatasetReader.ReadFolder(folder)).Message);
        var summary = DatasetSummary.Of(DatasetReader.ReadFolder(folder, new DatasetFormat { RatingThreshold = 1 }));
        Assert.Equal((6040, 3706, 1_000_209), (summary.Users, summary.Items, summary.Interactions));
        summary = DatasetSummary.Of(DatasetReader.ReadFolder(folder, new DatasetFormat { RatingThreshold = 4 }));
        Assert.Equal(1_000_209, summary.Interactions + summary.BelowThreshold);
        Assert.Equal(575_281, summary.Interactions);
    }

    private static void HasCounts(string dataset, int users, int items, int train, int test)
    {
        var set = DatasetReader.ReadFolder(SharedData.Find(dataset)!);
        var summary = DatasetSummary.Of(set);
        Assert.Equal((users, items), (summary.Users, summary.Items));
        Assert.Equal((train, test), (set.TestStart!.Value, summary.TestInteractions));
        Assert.Equal(0, summary.Duplicates);
        var split = Splitter.Split(set, new SplitOptions(SplitKind.Random), 1);
        Assert.Equal(train + test, split.Train.Count + split.Validation.Count + split.Test.Count);
        Assert.InRange(split.Train.Count / (double)(train + test), 0.49, 0.52);
    }
}
