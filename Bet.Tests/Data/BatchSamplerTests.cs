using Bet.Engine.Compute;
using Bet.Engine.Data;

namespace Bet.Tests.Data;

public class BatchSamplerTests
{
    private static readonly Interactions Train = Splitter.Split(
        SyntheticData.Generate(new SyntheticOptions(200, 150, 5000, Seed: 2)),
        new SplitOptions(SplitKind.Random),
        1).Train;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    [InlineData(100_003)]
    public void FeistelIsAPermutation(int count)
    {
        for (uint epoch = 0; epoch < 3; epoch++)
        {
            var permutation = new FeistelPermutation(count, new Philox(7, RandomPurpose.Shuffle, epoch));
            var seen = new bool[count];
            for (int position = 0; position < count; position++)
            {
                int value = permutation[position];
                Assert.False(seen[value]);
                seen[value] = true;
            }
        }
    }

    [Fact]
    public void FeistelPutsEveryPlaceEverywhere()
    {
        const int count = 20;
        const int epochs = 20_000;
        var hits = new int[count, count];
        for (uint epoch = 0; epoch < epochs; epoch++)
        {
            var permutation = new FeistelPermutation(count, new Philox(1, RandomPurpose.Shuffle, epoch));
            for (int position = 0; position < count; position++)
                hits[position, permutation[position]]++;
        }

        // 1,000 expected, standard deviation 31: five of them either way.
        foreach (int hit in hits)
            Assert.InRange(hit, 845, 1155);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(1_000_000)]
    public void AnEpochHasEveryInteractionOnce(int batchSize)
    {
        var sampler = new BatchSampler(Train, batchSize, 9);
        var expected = Enumerable.Range(0, Train.UserCount)
            .SelectMany(user => Train.Of(user).ToArray().Select(item => (user, item)));
        var drawn = Epoch(sampler, 0);
        Assert.Equal(expected, drawn.Select(triple => (triple.User, triple.Positive)).Order());
        Assert.Equal((Train.Count + batchSize - 1) / batchSize, sampler.StepsPerEpoch);
    }

    [Fact]
    public void NegativesAreNeverPositiveAndCoverTheRestAlike()
    {
        var sampler = new BatchSampler(Train, 512, 9);
        var hits = new int[Train.ItemCount];
        var expected = new double[Train.ItemCount];
        for (int epoch = 0; epoch < 20; epoch++)
        {
            foreach (var (user, _, negative) in Epoch(sampler, epoch))
            {
                Assert.True(Train.Of(user).BinarySearch(negative) < 0);
                hits[negative]++;
            }
        }

        for (int user = 0; user < Train.UserCount; user++)
        {
            var owned = Train.Of(user);
            for (int item = 0; item < Train.ItemCount; item++)
            {
                if (owned.BinarySearch(item) < 0)
                    expected[item] += 20.0 * owned.Length / (Train.ItemCount - owned.Length);
            }
        }

        for (int item = 0; item < hits.Length; item++)
            Assert.InRange(hits[item] - expected[item], -5 * Math.Sqrt(expected[item]), 5 * Math.Sqrt(expected[item]));
    }

    [Fact]
    public void ABatchDependsOnSeedEpochAndStepAlone()
    {
        var whole = Epoch(new BatchSampler(Train, 512, 9), 3);
        var again = new BatchSampler(Train, 512, 9);
        Assert.Equal(whole[1024..1536], Batch(again, 3, 2));
        Assert.Equal(whole, Epoch(again, 3));
        Assert.NotEqual(whole, Epoch(again, 4));
        Assert.NotEqual(whole, Epoch(new BatchSampler(Train, 512, 10), 3));
        Assert.Equal(whole, Epoch(new BatchSampler(Train, 100, 9), 3));
    }

    [Fact]
    public void AUserWithEverythingGetsSomeItem()
    {
        var sampler = new BatchSampler(new Interactions(1, 3, [0, 3], [0, 1, 2]), 3, 0);
        Assert.All(Epoch(sampler, 0), triple => Assert.InRange(triple.Negative, 0, 2));
        sampler = new BatchSampler(new Interactions(1, 3, [0, 2], [0, 2]), 2, 0);
        Assert.All(Epoch(sampler, 0), triple => Assert.Equal(1, triple.Negative));
    }

    [Fact]
    public void FillingAllocatesNothing()
    {
        var sampler = new BatchSampler(Train, 512, 9);
        var (users, positives, negatives) = (new int[512], new int[512], new int[512]);
        sampler.Fill(0, 0, users, positives, negatives);
        long before = GC.GetAllocatedBytesForCurrentThread();
        sampler.Fill(0, 1, users, positives, negatives);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        Assert.Throws<ArgumentException>(() => new BatchSampler(new Interactions(1, 1, [0, 0], []), 3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSampler(Train, 0, 0));
        var sampler = new BatchSampler(Train, 512, 9);
        var full = new int[512];
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Fill(0, sampler.StepsPerEpoch, full, full, full));
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Fill(-1, 0, full, full, full));
        Assert.Throws<ArgumentException>(() => sampler.Fill(0, 0, full, full, new int[511]));
    }

    private static (int User, int Positive, int Negative)[] Epoch(BatchSampler sampler, int epoch) =>
        [.. Enumerable.Range(0, sampler.StepsPerEpoch).SelectMany(step => Batch(sampler, epoch, step))];

    private static (int User, int Positive, int Negative)[] Batch(BatchSampler sampler, int epoch, int step)
    {
        int count = sampler.BatchCount(step);
        var (users, positives, negatives) = (new int[count], new int[count], new int[count]);
        Assert.Equal(count, sampler.Fill(epoch, step, users, positives, negatives));
        return [.. Enumerable.Range(0, count).Select(i => (users[i], positives[i], negatives[i]))];
    }
}
