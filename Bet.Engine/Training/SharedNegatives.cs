using System.Numerics;
using Bet.Engine.Compute;

namespace Bet.Engine.Training;

/// <summary>
/// Negatives that a whole batch shares, uniform over all items, and the question which of them a user already has:
/// drawn for everybody, they are for some users items that they like. A small hash table by item; allocates nothing
/// once made.
/// </summary>
internal sealed class SharedNegatives
{
    /// <summary>Of few items many negatives would be items that the users of the batch have, and each several times.</summary>
    private const int LeastItemsPerNegative = 8;

    /// <summary>Buckets a negative: few of the items that are looked up and not there find anything.</summary>
    private const int BucketsPerNegative = 16;

    private readonly int items;
    private readonly ulong seed;
    private readonly int[] drawn;
    private readonly int[] firstOf;
    private readonly int[] nextOf;

    /// <param name="count">Wished; at most an eighth of the items are drawn.</param>
    /// <param name="items">Of the data set.</param>
    /// <param name="seed">Of the draws.</param>
    public SharedNegatives(int count, int items, ulong seed)
    {
        (this.items, this.seed) = (items, seed);
        Count = Math.Min(count, Math.Max(1, items / LeastItemsPerNegative));
        drawn = new int[Count];
        nextOf = new int[Count];
        firstOf = new int[BitOperations.RoundUpToPowerOf2((uint)(Count * BucketsPerNegative))];
    }

    public int Count { get; }

    /// <summary>32-bit words of a row of <see cref="Mark"/>: a bit a negative.</summary>
    public int WordsPerRow => (Count + 31) / 32;

    public ReadOnlySpan<int> Items => drawn;

    /// <param name="step">Of all epochs, from 0.</param>
    public void Draw(uint step)
    {
        var random = new Philox(seed, RandomPurpose.SharedNegatives, step);
        Array.Fill(firstOf, -1);
        for (int k = 0; k < drawn.Length; k++)
        {
            drawn[k] = random.Below((ulong)k, items);
            ref int first = ref firstOf[BucketOf(drawn[k])];
            (nextOf[k], first) = (first, k);
        }
    }

    /// <summary>Sets bit k of a row, and no other, where negative k is one of the user's items.</summary>
    public void Mark(ReadOnlySpan<int> owned, Span<int> row)
    {
        row.Clear();
        foreach (int item in owned)
        {
            for (int k = firstOf[BucketOf(item)]; k >= 0; k = nextOf[k])
            {
                if (drawn[k] == item)
                    row[k / 32] |= 1 << (k % 32);
            }
        }
    }

    /// <summary>Fibonacci hashing (Knuth, The Art of Computer Programming 3, section 6.4).</summary>
    private int BucketOf(int item) => (int)(((uint)item * 2654435769u) >> (32 - BitOperations.Log2((uint)firstOf.Length)));
}
