using Bet.Engine.Clicks;
using Bet.Engine.Compute;
using Bet.Engine.Data;

namespace Bet.Engine.Training;

/// <summary>
/// The batches of a training run, on the device: every sample once an epoch, in an order that depends on seed and epoch alone.
/// Buffers are used again.
/// </summary>
internal sealed class ClickBatches : IDisposable
{
    private readonly Backend backend;
    private readonly ClickRows train;
    private readonly ulong seed;
    private readonly int batchSize;
    private readonly ClickBuffers buffers;
    private readonly Dictionary<int, Tensor> deviceLabels = [];
    private readonly float[] numbers;
    private readonly int[] categories;
    private readonly float[] labels;
    private FeistelPermutation order;
    private int orderedEpoch = -1;

    public ClickBatches(Backend backend, ClickRows train, int batchSize, ulong seed)
    {
        (this.backend, this.train, this.seed, this.batchSize) = (backend, train, seed, Math.Min(batchSize, train.Count));
        buffers = new ClickBuffers(backend, train);
        numbers = new float[this.batchSize * buffers.Numbers];
        categories = new int[this.batchSize * buffers.Fields];
        labels = new float[this.batchSize];
    }

    /// <summary>D.</summary>
    public int Numbers => buffers.Numbers;

    /// <summary>The last of an epoch may be smaller than the others.</summary>
    public int StepsPerEpoch => (train.Count + batchSize - 1) / batchSize;

    public int CountOf(int step) => Math.Min(batchSize, train.Count - (step % StepsPerEpoch * batchSize));

    /// <param name="step">Of the whole run, from 0.</param>
    public (ClickBatch Samples, Tensor Labels) At(int step)
    {
        int epoch = step / StepsPerEpoch, start = step % StepsPerEpoch * batchSize, count = CountOf(step);
        if (epoch != orderedEpoch)
            (order, orderedEpoch) = (new FeistelPermutation(train.Count, new Philox(seed, RandomPurpose.Shuffle, (uint)epoch)), epoch);
        for (int i = 0; i < count; i++)
            Take(order[start + i], i);
        if (!deviceLabels.TryGetValue(count, out var onDevice))
            deviceLabels[count] = onDevice = backend.Allocate(count, 1);
        backend.Upload(labels.AsSpan(0, count), onDevice);
        var samples = buffers.Upload(
            numbers.AsSpan(0, count * buffers.Numbers), categories.AsSpan(0, count * buffers.Fields), count);
        return (samples, onDevice);
    }

    public void Dispose()
    {
        buffers.Dispose();
        foreach (var tensor in deviceLabels.Values)
            tensor.Dispose();
    }

    private void Take(int sample, int place)
    {
        var (d, f) = (buffers.Numbers, buffers.Fields);
        train.Numbers.AsSpan(sample * d, d).CopyTo(numbers.AsSpan(place * d));
        train.Categories.AsSpan(sample * f, f).CopyTo(categories.AsSpan(place * f));
        labels[place] = train.Labels[sample];
    }
}
