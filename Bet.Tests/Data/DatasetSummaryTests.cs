using System.Text.Json.Nodes;
using Bet.Engine.Clicks;
using Bet.Engine.Data;
using Bet.Jobs.Pipeline;

namespace Bet.Tests.Data;

public class DatasetSummaryTests
{
    [Fact]
    public void CountsAndQuantiles()
    {
        var set = DatasetReader.Read(
            [TestFiles.Text("train", "1 1 2 3 3\n2 1\n3 1 2\n4\n", FilePart.Train), TestFiles.Text("test", "1 4\n", FilePart.Test)],
            new DatasetFormat());
        var summary = DatasetSummary.Of(set);
        Assert.Equal((4, 4, 7, 1), (summary.Users, summary.Items, summary.Interactions, summary.TestInteractions));
        Assert.Equal(1, summary.Duplicates);
        Assert.Equal(7.0 / 16, summary.Density);
        Assert.Equal(new FrequencyQuantiles(0, 0, 1, 2, 4, 4, 4), summary.PerUser);
        Assert.Equal(new FrequencyQuantiles(1, 1, 1, 2, 3, 3, 3), summary.PerItem);
        Assert.True(summary.HasTestPart);
        Assert.False(summary.HasTimestamps);
    }

    [Fact]
    public void QuantilesAreNearestRank()
    {
        var keys = Enumerable.Range(0, 100).SelectMany(key => Enumerable.Repeat(key, key + 1)).ToArray();
        Assert.Equal(new FrequencyQuantiles(1, 25, 50, 75, 90, 99, 100), FrequencyQuantiles.Of(keys, 100));
    }

    [Fact]
    public void SummariesOfEarlierVersionsHaveNoReading()
    {
        var interactions = DatasetSummary.Of(TestFiles.Read("user,item\n1,2\n"));
        Assert.Equal(interactions, SearchJson.Read<DatasetSummary>(SearchJson.Write(interactions)));
        Assert.Equal(interactions with { Reading = null }, SearchJson.Read<DatasetSummary>(Earlier(interactions)));
        var clicks = ClickSummary.Of(ClickReader.Read([TestFiles.Text("clicks.csv", "label,a\n1,x\n0,y\n")], new ClickFormat()));
        Assert.Equal(clicks.Reading, SearchJson.Read<ClickSummary>(SearchJson.Write(clicks)).Reading);
        Assert.Null(SearchJson.Read<ClickSummary>(Earlier(clicks)).Reading);
    }

    private static string Earlier<T>(T summary)
    {
        var json = JsonNode.Parse(SearchJson.Write(summary))!.AsObject();
        Assert.True(json.Remove("reading"));
        return json.ToJsonString();
    }
}
