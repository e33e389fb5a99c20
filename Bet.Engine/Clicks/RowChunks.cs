namespace Bet.Engine.Clicks;

/// <summary>
/// Rows of one width that grow without being copied: in chunks, put together once at the end. A chunk is let go as soon
/// as it was copied, so that what is held stays near what is there.
/// </summary>
/// <param name="width">Values of a row.</param>
internal sealed class RowChunks<T>(int width)
{
    private const int FirstValues = 1 << 12;
    private const int MostValues = 1 << 22;

    private readonly List<T[]> chunks = [];
    private T[] last = [];
    private int filled;

    /// <summary>Rows so far.</summary>
    public int Count { get; private set; }

    /// <summary>A new row, [width], for the caller to fill.</summary>
    public Span<T> Add()
    {
        if (filled + width > last.Length)
            Grow();
        filled += width;
        Count++;
        return last.AsSpan(filled - width, width);
    }

    /// <summary>All rows, [Count, width]; the chunks are empty afterwards.</summary>
    public T[] Take()
    {
        var all = GC.AllocateUninitializedArray<T>(checked(Count * width));
        int start = 0;
        for (int i = 0; i < chunks.Count; i++)
        {
            int length = Math.Min(chunks[i].Length, all.Length - start);
            chunks[i].AsSpan(0, length).CopyTo(all.AsSpan(start));
            start += length;
            chunks[i] = [];
        }

        (last, filled, Count) = ([], 0, 0);
        chunks.Clear();
        return all;
    }

    /// <summary>Chunks hold whole rows, so that none has room left over when the next begins.</summary>
    private void Grow()
    {
        int values = Math.Clamp(2 * last.Length, FirstValues, MostValues);
        last = new T[Math.Max(1, values / width) * width];
        chunks.Add(last);
        filled = 0;
    }
}
