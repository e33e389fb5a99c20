using Bet.Engine.Compute;

namespace Bet.Engine.Clicks;

/// <summary>Samples on a device, in buffers by their number, used again.</summary>
internal sealed class ClickBuffers(Backend backend, ClickRows rows) : IDisposable
{
    private readonly Dictionary<int, ClickBatch> buffers = [];

    /// <summary>D.</summary>
    public int Numbers { get; } = rows.Count == 0 ? 0 : rows.Numbers.Length / rows.Count;

    /// <summary>F.</summary>
    public int Fields { get; } = rows.Count == 0 ? 0 : rows.Categories.Length / rows.Count;

    /// <param name="numbers">[b, D].</param>
    /// <param name="categories">[b, F].</param>
    /// <param name="count">b.</param>
    public ClickBatch Upload(ReadOnlySpan<float> numbers, ReadOnlySpan<int> categories, int count)
    {
        if (!buffers.TryGetValue(count, out var batch))
            buffers[count] = batch = new ClickBatch(backend.Allocate(count, Numbers), backend.AllocateIds(count * Fields));
        backend.Upload(numbers, batch.Numbers);
        backend.Upload(categories, batch.Categories);
        return batch;
    }

    public void Dispose()
    {
        foreach (var batch in buffers.Values)
        {
            batch.Numbers.Dispose();
            batch.Categories.Dispose();
        }
    }
}
