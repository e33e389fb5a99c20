using Bet.Engine.Backbones;
using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;
using Bet.Engine.Data;

namespace Bet.Engine.Training;

/// <summary>
/// The batches of a training run, on the device: every interaction once an epoch, with a negative of its own or with
/// negatives that the whole batch shares. A batch depends on seed, epoch and step alone. Buffers are used again.
/// </summary>
internal sealed class TrainingBatches : IDisposable
{
    /// <summary>
    /// Of few items many negatives would be items that the users of the batch have, and each several times.
    /// </summary>
    private const int LeastItemsPerNegative = 8;

    private readonly Backend backend;
    private readonly Workers workers;
    private readonly BatchSampler sampler;
    private readonly int items;
    private readonly int shared;
    private readonly ulong seed;
    private readonly Dictionary<int, Batch> buffers = [];
    private readonly int[] users;
    private readonly int[] positives;
    private readonly int[] negatives;

    /// <param name="backend">Where the batches lie.</param>
    /// <param name="train">What is drawn from.</param>
    /// <param name="batchSize">Interactions of a batch.</param>
    /// <param name="sharedNegatives">Negatives of a batch; 0 draws one for every interaction.</param>
    /// <param name="seed">Of the order and the negatives.</param>
    public TrainingBatches(Backend backend, Interactions train, int batchSize, int sharedNegatives, ulong seed)
    {
        (this.backend, this.seed, items) = (backend, seed, train.ItemCount);
        shared = sharedNegatives == 0 ? 0 : Math.Min(sharedNegatives, Math.Max(1, items / LeastItemsPerNegative));
        workers = new Workers(backend.Threads);
        sampler = new BatchSampler(train, batchSize, seed);
        int largest = Math.Min(batchSize, train.Count);
        users = new int[largest];
        positives = new int[largest];
        negatives = new int[shared > 0 ? shared : largest];
    }

    public int StepsPerEpoch => sampler.StepsPerEpoch;

    /// <param name="stepsBefore">Steps taken in all epochs so far.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="step">Of the epoch, from 0.</param>
    public Batch Next(int stepsBefore, int epoch, int step)
    {
        int count = sampler.BatchCount(step);
        var batch = BufferOf(count) with { Step = stepsBefore };
        workers.For(sampler.BlocksOf(step), (this, epoch, step), static (
            in (TrainingBatches Batches, int Epoch, int Step) work, int block) => work.Batches.Draw(work.Epoch, work.Step, block));
        if (shared > 0)
            DrawShared((uint)stepsBefore);
        backend.Upload(users.AsSpan(0, count), batch.Users);
        backend.Upload(positives.AsSpan(0, count), batch.Positives);
        backend.Upload(negatives.AsSpan(0, batch.Negatives.Count), batch.Negatives);
        return batch;
    }

    public void Dispose()
    {
        workers.Dispose();
        foreach (var batch in buffers.Values)
        {
            batch.Users.Dispose();
            batch.Positives.Dispose();
            batch.Negatives.Dispose();
        }
    }

    private void Draw(int epoch, int step, int block) =>
        sampler.FillBlock(epoch, step, block, users, positives, shared > 0 ? default : negatives.AsSpan());

    /// <summary>Uniform over all items: each user has few of them, so hits among the negatives are rare.</summary>
    private void DrawShared(uint step)
    {
        var random = new Philox(seed, RandomPurpose.SharedNegatives, step);
        for (int i = 0; i < shared; i++)
            negatives[i] = random.Below((ulong)i, items);
    }

    /// <summary>An epoch's last batch is smaller than the others, so there are two.</summary>
    private Batch BufferOf(int count)
    {
        if (!buffers.TryGetValue(count, out var batch))
        {
            int drawn = shared > 0 ? shared : count;
            batch = new Batch(0, backend.AllocateIds(count), backend.AllocateIds(count), backend.AllocateIds(drawn));
            buffers[count] = batch;
        }

        return batch;
    }
}
