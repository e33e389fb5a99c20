using System.Security.Cryptography;
using Bet.Engine.Data;

namespace Bet.Tests.Data;

public class SyntheticDataTests
{
    private static readonly SyntheticOptions Options = new(600, 400, 20_000, Seed: 1);

    [Fact]
    public void HasWhatWasAskedForAndLooksReal()
    {
        var set = SyntheticData.Generate(Options);
        var summary = DatasetSummary.Of(set);
        Assert.Equal((600, 20_000), (summary.Users, summary.Interactions));
        Assert.InRange(summary.Items, 380, 400);
        Assert.Equal(20_000, TestFiles.Pairs(set).Distinct().Count());
        Assert.True(summary.PerUser.Minimum >= 5);
        Assert.True(summary.PerUser.Percent99 > 3 * summary.PerUser.Median);
        Assert.True(summary.PerItem.Percent99 > 3 * summary.PerItem.Median);
    }

    [Fact]
    public void SameOptionsSameBytes()
    {
        Assert.Equal(Delimited(SyntheticData.Generate(Options)), Delimited(SyntheticData.Generate(Options)));
        Assert.NotEqual(
            Delimited(SyntheticData.Generate(Options)), Delimited(SyntheticData.Generate(Options with { Seed = 2 })));
    }

    [Theory]
    [InlineData(600, 400, 20_000, 1, "280f409728334749108295a9abda05976ad3f00a01908ccc47f07e745b035b2e")]
    [InlineData(3000, 20_000, 40_000, 2, "dce91426387714b0e3301ee89d8356e0a68532e102af48d73c29971d0e9b00f5")]
    [InlineData(100, 5, 150, 0, "43f01a0bd0d216775986d7e661af4bcdbe8be8583817d8dbeb1e96dc85fcb119")]
    public void KnownDataStay(int users, int items, int interactions, ulong seed, string hash)
    {
        var bytes = Delimited(SyntheticData.Generate(new SyntheticOptions(users, items, interactions, seed)));
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary>The last of them has users who share tastes.</summary>
    [Theory]
    [InlineData(1, 2, 1)]
    [InlineData(600, 400, 20_000)]
    [InlineData(9000, 3000, 60_000)]
    public void StreamedTextIsThatOfTheSet(int users, int items, int interactions)
    {
        var options = new SyntheticOptions(users, items, interactions, Seed: 5);
        var set = SyntheticData.Generate(options);
        var stream = new MemoryStream();
        Assert.Equal(set.ItemIds.Count, SyntheticData.WriteDelimited(options, stream));
        Assert.Equal(Delimited(set), stream.ToArray());
        var untimed = SyntheticData.Generate(options, timed: false);
        Assert.Null(untimed.Timestamps);
        Assert.Equal(set.UserOf, untimed.UserOf);
        Assert.Equal(set.ItemOf, untimed.ItemOf);
        Assert.Equal(interactions, TestFiles.Pairs(set).Distinct().Count());
    }

    /// <summary>Ten times the interactions may take a few buffers more, not a byte for each.</summary>
    [Fact]
    public void StreamingHoldsNoInteractions()
    {
        long Allocated(int interactions)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            SyntheticData.WriteDelimited(new SyntheticOptions(2000, 5000, interactions), Stream.Null);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(20_000);
        Assert.InRange(Allocated(400_000) - Allocated(40_000), long.MinValue, 300_000);
    }

    [Theory]
    [InlineData(1, 2, 1)]
    [InlineData(10, 10, 50)]
    [InlineData(100, 5, 150)]
    public void SmallAndFullOnesWork(int users, int items, int interactions)
    {
        var set = SyntheticData.Generate(new SyntheticOptions(users, items, interactions));
        Assert.Equal(interactions, TestFiles.Pairs(set).Distinct().Count());
        Assert.Equal(users, set.UserOf.Distinct().Count());
    }

    [Theory]
    [InlineData(10, 10, 51)]
    [InlineData(10, 10, 9)]
    [InlineData(0, 10, 9)]
    public void ImpossibleOnesAreRefused(int users, int items, int interactions) =>
        Assert.Throws<ArgumentException>(() => SyntheticData.Generate(new SyntheticOptions(users, items, interactions)));

    /// <summary>Cosine neighbours of items must find clearly more withheld items than the most popular ones do.</summary>
    [Fact]
    public void CollaborativeFilteringBeatsPopularity()
    {
        var split = Splitter.Split(SyntheticData.Generate(Options), new SplitOptions(SplitKind.Random), 1);
        var (users, items) = (split.UserCount, split.ItemCount);
        var together = new double[items, items];
        for (int user = 0; user < users; user++)
        {
            foreach (int left in split.Train.Of(user))
            {
                foreach (int right in split.Train.Of(user))
                    together[left, right]++;
            }
        }

        double popular = 0;
        double neighbours = 0;
        for (int user = 0; user < users; user++)
        {
            var score = new double[items];
            foreach (int owned in split.Train.Of(user))
            {
                for (int item = 0; item < items; item++)
                    score[item] += together[owned, item] / Math.Sqrt(1 + (together[owned, owned] * together[item, item]));
            }

            popular += Recall(split, user, [.. Enumerable.Range(0, items).Select(item => together[item, item])]);
            neighbours += Recall(split, user, score);
        }

        Assert.True(neighbours > 1.5 * popular, $"neighbours {neighbours / users:F3}, popularity {popular / users:F3}");
    }

    [Fact]
    public void WrittenTextReadsBack()
    {
        var set = SyntheticData.Generate(Options);
        foreach (char delimiter in new[] { ',', '\t' })
        {
            var back = DatasetReader.Read([TestFiles.Bytes("d", Delimited(set, delimiter))], new DatasetFormat());
            Assert.Equivalent(set, back with { Reading = null }, strict: true);
        }

        var divided = set with { TestStart = 15_000 };
        var files = new[] { FilePart.Train, FilePart.Test }.Select(part =>
        {
            var stream = new MemoryStream();
            InteractionWriter.WriteAdjacency(divided, stream, part);
            return TestFiles.Bytes($"{part}", stream.ToArray(), part);
        });
        var adjacency = DatasetReader.Read([.. files], new DatasetFormat());
        Assert.Equal(TestFiles.Pairs(divided), TestFiles.Pairs(adjacency));
        Assert.Equal(15_000, adjacency.TestStart);
    }

    [Fact]
    public void OddIdsAreQuotedOrRefused()
    {
        var set = TestFiles.Read("user,item\n\"a, \"\"b\"\"\",x y\n\"c\nd\",ü\n\" e\",\"x \"\n");
        Assert.Equivalent(
            set, DatasetReader.Read([TestFiles.Bytes("d", Delimited(set))], new DatasetFormat()), strict: true);
        Assert.Throws<ArgumentException>(() => InteractionWriter.WriteAdjacency(set, new MemoryStream()));
        Assert.Throws<ArgumentException>(() => InteractionWriter.WriteAdjacency(set, new MemoryStream(), FilePart.Test));
    }

    private static double Recall(PreparedDataset split, int user, double[] score)
    {
        var relevant = split.Test.Of(user).ToArray();
        if (relevant.Length == 0)
            return 0;
        foreach (int owned in split.Train.Of(user))
            score[owned] = double.NegativeInfinity;
        var best = Enumerable.Range(0, score.Length).OrderByDescending(item => score[item]).Take(20);
        return best.Intersect(relevant).Count() / (double)relevant.Length;
    }

    private static byte[] Delimited(InteractionSet set, char delimiter = ',')
    {
        var stream = new MemoryStream();
        InteractionWriter.WriteDelimited(set, stream, delimiter);
        return stream.ToArray();
    }
}
