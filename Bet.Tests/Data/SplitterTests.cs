using System.Text.Json;
using Bet.Engine.Clicks;
using Bet.Engine.Data;

namespace Bet.Tests.Data;

public class SplitterTests
{
    private static readonly InteractionSet Generated =
        SyntheticData.Generate(new SyntheticOptions(300, 200, 9000, Seed: 4));

    private static readonly InteractionSet Divided = Generated with { TestStart = 7000 };

    public static TheoryData<SplitKind> Kinds => [.. Enum.GetValues<SplitKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void PartsAreDisjointAndTogetherEverything(SplitKind kind)
    {
        var split = Splitter.Split(Divided, new SplitOptions(kind), 11);
        var pairs = new[] { split.Train, split.Validation, split.Test }.SelectMany(part => RawPairs(split, part)).ToList();
        Assert.Equal(TestFiles.Pairs(Divided).Order(), pairs.Order());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void RowsAscendAndFrequenciesFall(SplitKind kind)
    {
        var split = Splitter.Split(Divided, new SplitOptions(kind), 11);
        var itemFrequency = new int[split.ItemCount];
        foreach (var part in new[] { split.Train, split.Validation, split.Test })
        {
            for (int user = 0; user < split.UserCount; user++)
            {
                var row = part.Of(user).ToArray();
                Assert.Equal(row.Distinct().Order(), row);
                foreach (int item in part == split.Train ? row : [])
                    itemFrequency[item]++;
            }
        }

        var userFrequency = Enumerable.Range(0, split.UserCount).Select(user => split.Train.Of(user).Length).ToArray();
        Falls(userFrequency, split.UserIds, Divided.UserIds);
        Falls(itemFrequency, split.ItemIds, Divided.ItemIds);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void SameSeedSameSplit(SplitKind kind)
    {
        var options = new SplitOptions(kind);
        var split = Splitter.Split(Divided, options, 11);
        Assert.Equal(split.SplitHash, Splitter.Split(Divided, options, 11).SplitHash);
        Assert.Matches("^[0-9a-f]{64}$", split.SplitHash);
        bool random = kind is SplitKind.Random or SplitKind.AsGiven;
        Assert.Equal(random, split.SplitHash != Splitter.Split(Divided, options, 12).SplitHash);
    }

    [Fact]
    public void OptionsHaveTheSharesThatTheirKindAsksFor()
    {
        static void Are(SplitOptions options, double? train, double? validation, double? test)
        {
            Assert.Equal((train, validation, test), (options.Train, options.Validation, options.Test));
            Assert.Equal(options, JsonSerializer.Deserialize<SplitOptions>(JsonSerializer.Serialize(options)));
        }

        Are(new(SplitKind.Random), 0.5, 0.25, 0.25);
        Are(new(SplitKind.ByTime, 0.7, 0.1), 0.7, 0.1, 0.2);
        Are(new(SplitKind.AsGiven, 0.9), null, 0.1, null);
        Are(new(SplitKind.LeaveOneOut, 0.5, 0.25), null, null, null);
        Assert.Null(new ClickSplitOptions(ClickSplitKind.AsGiven).Test);
        Assert.Equal(0.2, new ClickSplitOptions(ClickSplitKind.ByOrder, 0.7, 0.1).Test);
    }

    [Fact]
    public void TheHashOfAKnownSplitStays()
    {
        var set = TestFiles.Read("1 1 2 3 4\n2 2 3\n3 5\n");
        var split = Splitter.Split(set, new SplitOptions(SplitKind.LeaveOneOut), 0);
        Assert.Equal(["1", "2", "3"], split.UserIds);
        Assert.Equal(["2", "1", "5", "3", "4"], split.ItemIds);
        Assert.Equal([0, 1, 0, 2], split.Train.Items);
        Assert.Equal([0, 2, 3, 4], split.Train.Offsets);
        Assert.Equal([3], split.Validation.Items);
        Assert.Equal([4, 3], split.Test.Items);
        Assert.Equal("63515f8b5303449b8008776e4642cea49ba6503d8beb7f5f86a6b8f49ef0f055", split.SplitHash);
    }

    /// <summary>The interactions user by user, and all users mixed in the order of time.</summary>
    [Theory]
    [InlineData(SplitKind.AsGiven, false, "50474bb54e8d1c9569cebfd988fba7bd6430a58c8c8dc1b64e5d911aaec9a30d")]
    [InlineData(SplitKind.Random, false, "8b0001d432196b3698a66388ba40a7375f117a3d527759d1bda46eedbd70b2f9")]
    [InlineData(SplitKind.ByTime, false, "5f7d157fb0575d21e47468426c6e79245911b597f34533d81985e982fabac017")]
    [InlineData(SplitKind.LeaveOneOut, false, "7614a537018b8d6bc936f32c7d00c4dca1f13210678343973d1b9842aaa1999c")]
    [InlineData(SplitKind.AsGiven, true, "16e4dd6b807b0bb8ac46a9512568976dad867c89a7bb5c0d1c5fa567f62fefb0")]
    [InlineData(SplitKind.Random, true, "8b0001d432196b3698a66388ba40a7375f117a3d527759d1bda46eedbd70b2f9")]
    [InlineData(SplitKind.ByTime, true, "5f7d157fb0575d21e47468426c6e79245911b597f34533d81985e982fabac017")]
    [InlineData(SplitKind.LeaveOneOut, true, "7614a537018b8d6bc936f32c7d00c4dca1f13210678343973d1b9842aaa1999c")]
    public void TheHashesOfGeneratedSplitsStay(SplitKind kind, bool mixed, string hash)
    {
        var order = Enumerable.Range(0, Divided.Count);
        if (mixed)
            order = order.OrderBy(i => Divided.Timestamps![i]).ThenBy(i => i);
        int[] places = [.. order];
        var set = Divided with
        {
            UserOf = Array.ConvertAll(places, i => Divided.UserOf[i]),
            ItemOf = Array.ConvertAll(places, i => Divided.ItemOf[i]),
            Timestamps = Array.ConvertAll(places, i => Divided.Timestamps![i]),
        };
        Assert.Equal(hash, Splitter.Split(set, new SplitOptions(kind, Validation: 0.25), 11).SplitHash);
    }

    [Fact]
    public void RandomFollowsTheRatiosPerUser()
    {
        var split = Splitter.Split(Generated, new SplitOptions(SplitKind.Random), 3);
        for (int user = 0; user < split.UserCount; user++)
        {
            int train = split.Train.Of(user).Length;
            int validation = split.Validation.Of(user).Length;
            int test = split.Test.Of(user).Length;
            int all = train + validation + test;
            Assert.InRange(train - (0.5 * all), -1, 1);
            Assert.InRange(validation - (0.25 * all), -1, 1);
            Assert.InRange(test - (0.25 * all), -1, 1);
            Assert.True(train > 0);
        }
    }

    [Theory]
    [InlineData(1, 0.5, 0.25, 1, 0)]
    [InlineData(2, 0.5, 0.25, 1, 1)]
    [InlineData(3, 0.5, 0.25, 1, 1)]
    [InlineData(4, 0.5, 0.25, 2, 1)]
    [InlineData(5, 0.5, 0.25, 3, 1)]
    [InlineData(10, 0.8, 0.1, 8, 1)]
    [InlineData(10, 0.7, 0.3, 7, 3)]
    [InlineData(1, 0.1, 0.2, 1, 0)]
    [InlineData(2, 0.1, 0.8, 1, 1)]
    [InlineData(0, 0.5, 0.25, 0, 0)]
    public void SizesByLargestRemainders(int count, double train, double validation, int trains, int validates) =>
        Assert.Equal((trains, validates), Splitter.Sizes(count, train, validation));

    [Fact]
    public void RandomTakesEveryPlaceAlike()
    {
        var set = TestFiles.Read(string.Concat(Enumerable.Range(0, 4000).Select(user => $"{user} 1 2 3 4\n")));
        var split = Splitter.Split(set, new SplitOptions(SplitKind.Random), 1);
        foreach (string item in new[] { "1", "2", "3", "4" })
        {
            int row = split.ItemIds.ToList().IndexOf(item);
            Assert.InRange(split.Train.Items.Count(other => other == row), 1850, 2150);
            Assert.InRange(split.Validation.Items.Count(other => other == row), 870, 1130);
        }
    }

    [Fact]
    public void ByTimeTrainsOnTheOldest()
    {
        var set = TestFiles.Read("user,item,timestamp\na,p,40\na,q,10\na,r,30\na,s,20\n");
        var split = Splitter.Split(set, new SplitOptions(SplitKind.ByTime), 0);
        Assert.Equal(["a/q", "a/s"], RawPairs(split, split.Train).Order());
        Assert.Equal(["a/r"], RawPairs(split, split.Validation));
        Assert.Equal(["a/p"], RawPairs(split, split.Test));
        split = Splitter.Split(set, new SplitOptions(SplitKind.LeaveOneOut), 0);
        Assert.Equal(["a/r"], RawPairs(split, split.Validation));
        Assert.Equal(["a/p"], RawPairs(split, split.Test));
    }

    [Fact]
    public void AsGivenKeepsTheTestPartAndValidatesOnItsShareOfTrain()
    {
        var split = Splitter.Split(Divided, new SplitOptions(SplitKind.AsGiven, Validation: 0.1), 5);
        Assert.Equal(TestFiles.Pairs(Divided)[7000..].Order(), RawPairs(split, split.Test).Order());
        Assert.InRange(split.Validation.Count, 600, 800);
        for (int user = 0; user < split.UserCount; user++)
            Assert.True(split.Train.Of(user).Length > 0 || split.Validation.Of(user).Length == 0);
    }

    [Fact]
    public void EntitiesOutsideTrainStayAtTheEnd()
    {
        var set = DatasetReader.Read(
            [TestFiles.Text("train", "1 5 6 7 8\n", FilePart.Train), TestFiles.Text("test", "2 9\n1 9\n", FilePart.Test)],
            new DatasetFormat());
        var split = Splitter.Split(set, new SplitOptions(SplitKind.AsGiven, Validation: 0.25), 5);
        Assert.Equal(["1", "2"], split.UserIds);
        Assert.Equal("9", split.ItemIds[^1]);
        Assert.Equal(0, split.Train.Of(1).Length);
    }

    [Theory]
    [InlineData(SplitKind.Random, 0.8, 0.3, "at most 1")]
    [InlineData(SplitKind.Random, 0, 0.3, "Train")]
    [InlineData(SplitKind.Random, 0.5, 0, "Validation")]
    [InlineData(SplitKind.Random, 0.5, double.NaN, "Validation")]
    [InlineData(SplitKind.ByTime, double.NaN, 0.2, "Train")]
    [InlineData(SplitKind.AsGiven, 0.5, 1, "Validation")]
    [InlineData(SplitKind.AsGiven, 0.5, 0.2, "test part")]
    [InlineData((SplitKind)7, 0.5, 0.2, "unknown")]
    public void SenselessOptionsAreRefused(SplitKind kind, double train, double validation, string message)
    {
        var error = Assert.Throws<ArgumentException>(
            () => Splitter.Split(Generated, new SplitOptions(kind, train, validation), 0));
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void WhatTheDataLacksIsNamed()
    {
        var untimed = TestFiles.Read("1 2\n1 3\n");
        Assert.Contains("timestamps", Assert.Throws<ArgumentException>(
            () => Splitter.Split(untimed, new SplitOptions(SplitKind.ByTime), 0)).Message);
        Assert.Contains("use Random", Assert.Throws<ArgumentException>(
            () => Splitter.Split(untimed, new SplitOptions(SplitKind.AsGiven), 0)).Message);
        Assert.Contains("validation part", Assert.Throws<ArgumentException>(
            () => Splitter.Split(TestFiles.Read("1 2\n2 2\n"), new SplitOptions(SplitKind.Random), 0)).Message);
    }

    private static void Falls(int[] frequency, IdList ids, IdList firstSeen)
    {
        var rank = firstSeen.Select((id, place) => (id, place)).ToDictionary(pair => pair.id, pair => pair.place);
        for (int row = 1; row < frequency.Length; row++)
        {
            Assert.True(frequency[row] <= frequency[row - 1]);
            if (frequency[row] == frequency[row - 1])
                Assert.True(rank[ids[row]] > rank[ids[row - 1]]);
        }
    }

    private static IEnumerable<string> RawPairs(PreparedDataset split, Interactions part) =>
        Enumerable.Range(0, part.UserCount).SelectMany(
            user => part.Of(user).ToArray().Select(item => $"{split.UserIds[user]}/{split.ItemIds[item]}"));
}
