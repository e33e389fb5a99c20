using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;
using Bet.Engine.Training;
using Bet.Tests.Compute;

namespace Bet.Tests.Training;

public class SharedNegativesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(64)]
    [InlineData(1000)]
    public void Exactly_the_negatives_that_are_owned_are_marked(int count)
    {
        int items = 8 * count;
        var negatives = new SharedNegatives(count, items, 1);
        Assert.Equal(count, negatives.Count);
        int[] row = [.. Enumerable.Repeat(-1, negatives.WordsPerRow)];
        for (uint step = 0; step < 5; step++)
        {
            negatives.Draw(step);
            foreach (int[] owned in new[] { [], [.. Enumerable.Range(0, items).Where(item => item % 3 == 0)], Enumerable.Range(0, items).ToArray() })
            {
                negatives.Mark(owned, row);
                var expected = negatives.Items.ToArray().Select((item, k) => (Owned: owned.Contains(item), k)).Where(n => n.Owned);
                Assert.Equal(expected.Select(n => n.k), BitsOf(row));
            }
        }
    }

    [Fact]
    public void Steps_differ_and_come_again()
    {
        var negatives = new SharedNegatives(100, 100_000, 1);
        negatives.Draw(3);
        int[] third = [.. negatives.Items];
        negatives.Draw(4);
        Assert.False(negatives.Items.SequenceEqual(third));
        negatives.Draw(3);
        Assert.Equal(third.AsSpan(), negatives.Items);
    }

    [Fact]
    public void Of_few_items_few_are_drawn()
    {
        Assert.Equal(5, new SharedNegatives(1000, 40, 1).Count);
        Assert.Equal(1, new SharedNegatives(1000, 3, 1).Count);
    }

    [Fact]
    public void A_batch_says_which_negatives_its_users_have()
    {
        var train = Splitter.Split(
            SyntheticData.Generate(new SyntheticOptions(300, 200, 6000, Seed: 2)), new SplitOptions(SplitKind.Random), 1).Train;
        var backend = Oracle.Backend;
        using var batches = new TrainingBatches(backend, train, 700, 25, 1);
        for (int step = 0; step < batches.StepsPerEpoch; step++)
        {
            var batch = batches.Next(step, 0, step);
            int[] users = backend.Read(batch.Users), negatives = backend.Read(batch.Negatives), owned = backend.Read(batch.Owned!);
            int marked = 0;
            for (int i = 0; i < users.Length; i++)
            {
                var expected = Enumerable.Range(0, negatives.Length).Where(k => train.Of(users[i]).Contains(negatives[k])).ToArray();
                Assert.Equal(expected, BitsOf([owned[i]]));
                marked += expected.Length;
            }

            Assert.True(marked > 0);
        }
    }

    private static IEnumerable<int> BitsOf(int[] words) =>
        Enumerable.Range(0, 32 * words.Length).Where(k => (words[k / 32] & (1 << (k % 32))) != 0);
}
