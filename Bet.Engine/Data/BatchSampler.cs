using Bet.Engine.Compute;

namespace Bet.Engine.Data;

/// <summary>
/// Training triples of BPR (user, an item the user has, an item the user does not have). Every training interaction
/// comes exactly once an epoch, in an order of that epoch. Nothing is remembered between calls: a batch depends on
/// (seed, epoch, step) and the batch size alone, so training can go on anywhere, on any thread. Allocates nothing.
/// </summary>
public sealed class BatchSampler
{
    /// <summary>
    /// Draws for one negative. A user who has nearly every item may use them all up; the last draw is then kept,
    /// although the user has it.
    /// </summary>
    public const int NegativeAttempts = 100;

    private const int BlockLength = 256;

    private readonly Interactions train;
    private readonly ulong seed;
    private readonly int[] userOf;

    /// <exception cref="ArgumentException">There is nothing to sample from, or the batch size is not positive.</exception>
    public BatchSampler(Interactions train, int batchSize, ulong seed)
    {
        if (train.Count == 0)
            throw new ArgumentException("The training part has no interactions.", nameof(train));
        if (batchSize <= 0)
            throw new ArgumentOutOfRangeException(nameof(batchSize), batchSize, "The batch size must be positive.");
        this.train = train;
        this.seed = seed;
        BatchSize = batchSize;
        userOf = new int[train.Count];
        for (int user = 0; user < train.UserCount; user++)
            userOf.AsSpan(train.Offsets[user]..train.Offsets[user + 1]).Fill(user);
    }

    public int BatchSize { get; }

    public int StepsPerEpoch => (int)(((long)train.Count + BatchSize - 1) / BatchSize);

    /// <summary>Triples in the batch of <paramref name="step"/>: the batch size, or less in an epoch's last step.</summary>
    public int BatchCount(int step)
    {
        if ((uint)step >= (uint)StepsPerEpoch)
            throw new ArgumentOutOfRangeException(nameof(step), step, $"An epoch has {StepsPerEpoch} steps.");
        return (int)Math.Min(BatchSize, train.Count - ((long)step * BatchSize));
    }

    /// <summary>
    /// Writes the batch of a step to the first <see cref="BatchCount"/> places of each span and returns that count.
    /// Negatives are uniform over the items that the user does not have in train; an empty span draws none.
    /// </summary>
    /// <exception cref="ArgumentException">A span is too short, or epoch or step is out of range.</exception>
    public int Fill(int epoch, int step, Span<int> users, Span<int> positives, Span<int> negatives)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        int count = BatchCount(step);
        if (users.Length < count || positives.Length < count || (negatives.Length < count && !negatives.IsEmpty))
        {
            throw new ArgumentException(
                $"Step {step} has {count} triples; the spans hold {users.Length}, {positives.Length} and {negatives.Length}.");
        }

        for (int block = 0; block < BlocksOf(step); block++)
            FillBlock(epoch, step, block, users, positives, negatives);
        return count;
    }

    /// <summary>Blocks of a step's batch, which any threads may fill at the same time.</summary>
    internal int BlocksOf(int step) => (BatchCount(step) + BlockLength - 1) / BlockLength;

    /// <summary>One block of <see cref="Fill"/>, whose checks are the caller's. Returns the places that it filled.</summary>
    internal Range FillBlock(int epoch, int step, int block, Span<int> users, Span<int> positives, Span<int> negatives)
    {
        var order = new FeistelPermutation(train.Count, new Philox(seed, RandomPurpose.Shuffle, (uint)epoch));
        var random = new Philox(seed, RandomPurpose.NegativeSampling, (uint)epoch);
        int start = block * BlockLength;
        var range = start..Math.Min(BatchCount(step), start + BlockLength);
        FillBlock(
            order, random, (step * BatchSize) + start, users[range], positives[range],
            negatives.IsEmpty ? negatives : negatives[range]);
        return range;
    }

    /// <summary>
    /// Each array is read for the whole block before the next one: the reads of one loop do not wait for each other,
    /// so where the arrays are far larger than the caches, several are on their way at once.
    /// </summary>
    private void FillBlock(
        FeistelPermutation order, Philox random, int first, Span<int> users, Span<int> positives, Span<int> negatives)
    {
        for (int i = 0; i < positives.Length; i++)
            positives[i] = order[first + i];
        for (int i = 0; i < users.Length; i++)
            users[i] = userOf[positives[i]];
        for (int i = 0; i < positives.Length; i++)
            positives[i] = train.Items[positives[i]];
        for (int i = 0; i < negatives.Length; i++)
            negatives[i] = train.Offsets[users[i]];
        for (int i = 0; i < negatives.Length; i++)
            negatives[i] = Negative(random, (uint)(first + i), train.Items.AsSpan(negatives[i]..train.Offsets[users[i] + 1]));
    }

    /// <summary>A block of Philox holds two draws of 64 bits; 50 blocks of the 64 kept for each place are in use.</summary>
    private int Negative(Philox random, uint place, ReadOnlySpan<int> owned)
    {
        int item = 0;
        for (uint block = 0; block < NegativeAttempts / 2; block++)
        {
            var (a, b, c, d) = random.Block(((ulong)place << 6) | block);
            item = Below(a, b);
            if (owned.BinarySearch(item) < 0)
                return item;
            item = Below(c, d);
            if (owned.BinarySearch(item) < 0)
                return item;
        }

        return item;
    }

    private int Below(uint high, uint low) =>
        (int)Math.BigMul(((ulong)high << 32) | low, (ulong)train.ItemCount, out _);
}
