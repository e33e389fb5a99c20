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
    private readonly Backend backend;
    private readonly Workers workers;
    private readonly BatchSampler sampler;
    private readonly Interactions train;
    private readonly SharedNegatives? shared;
    private readonly Dictionary<int, Batch> buffers = [];
    private readonly int[] users;
    private readonly int[] positives;
    private readonly int[] negatives = [];
    private readonly int[] owned = [];

    /// <param name="backend">Where the batches lie.</param>
    /// <param name="train">What is drawn from.</param>
    /// <param name="batchSize">Interactions of a batch.</param>
    /// <param name="sharedNegatives">Negatives of a batch; 0 draws one for every interaction.</param>
    /// <param name="seed">Of the order and the negatives.</param>
    public TrainingBatches(Backend backend, Interactions train, int batchSize, int sharedNegatives, ulong seed)
    {
        (this.backend, this.train) = (backend, train);
        workers = new Workers(backend.Threads);
        sampler = new BatchSampler(train, batchSize, seed);
        int largest = Math.Min(batchSize, train.Count);
        users = new int[largest];
        positives = new int[largest];
        if (sharedNegatives > 0)
        {
            shared = new SharedNegatives(sharedNegatives, train.ItemCount, seed);
            owned = new int[largest * shared.WordsPerRow];
        }
        else
        {
            negatives = new int[largest];
        }
    }

    public int StepsPerEpoch => sampler.StepsPerEpoch;

    /// <param name="stepsBefore">Steps taken in all epochs so far.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="step">Of the epoch, from 0.</param>
    public Batch Next(int stepsBefore, int epoch, int step)
    {
        int count = sampler.BatchCount(step);
        var batch = BufferOf(count) with { Step = stepsBefore };
        shared?.Draw((uint)stepsBefore);
        workers.For(sampler.BlocksOf(step), (this, epoch, step), static (
            in (TrainingBatches Batches, int Epoch, int Step) work, int block) => work.Batches.Draw(work.Epoch, work.Step, block));
        backend.Upload(users.AsSpan(0, count), batch.Users);
        backend.Upload(positives.AsSpan(0, count), batch.Positives);
        if (batch.Owned is { } marks)
        {
            backend.Upload(shared!.Items, batch.Negatives);
            backend.Upload(owned.AsSpan(0, marks.Count), marks);
        }
        else
        {
            backend.Upload(negatives.AsSpan(0, count), batch.Negatives);
        }

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
            batch.Owned?.Dispose();
        }
    }

    private void Draw(int epoch, int step, int block)
    {
        var range = sampler.FillBlock(epoch, step, block, users, positives, negatives);
        if (shared is null)
            return;
        for (int i = range.Start.Value; i < range.End.Value; i++)
            shared.Mark(train.Of(users[i]), owned.AsSpan(i * shared.WordsPerRow, shared.WordsPerRow));
    }

    /// <summary>An epoch's last batch is smaller than the others, so there are two.</summary>
    private Batch BufferOf(int count)
    {
        if (!buffers.TryGetValue(count, out var batch))
        {
            batch = new Batch(
                0, backend.AllocateIds(count), backend.AllocateIds(count), backend.AllocateIds(shared?.Count ?? count),
                shared is null ? null : backend.AllocateIds(count * shared.WordsPerRow));
            buffers[count] = batch;
        }

        return batch;
    }
}
