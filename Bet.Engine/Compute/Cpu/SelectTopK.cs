namespace Bet.Engine.Compute.Cpu;

/// <summary>The k best of scores that are there already, by the selection of <see cref="TopK"/>.</summary>
public sealed unsafe partial class CpuBackend
{
    public override void SelectTopK(Tensor scores, Ids excludedOffsets, Ids excludedItems, int k, Ids result)
    {
        CheckSelectTopK(scores, excludedOffsets, excludedItems, k, result);
        if (result.Count == 0)
            return;
        ForRows(scores.Rows, scores.Columns, (scratchPool, scores, excludedOffsets, excludedItems, k, result), static (in work, start, end) =>
        {
            var (scratchPool, scores, offsets, excluded, k, result) = work;
            using var heap = scratchPool.Rent((long)k * sizeof(ScoredItem));
            for (int row = start; row < end; row++)
            {
                var selection = new Selection(
                    excluded.Pointer, offsets.Pointer[row], offsets.Pointer[row + 1], (ScoredItem*)heap.Floats, k);
                OfferRow(scores.Pointer + ((long)row * scores.Columns), scores.Columns, ref selection);
                selection.Finish(result.Pointer + ((long)row * k));
            }
        });
    }

    /// <summary>
    /// Offers a row of scores in tiles. The last, which may be short, goes by a whole tile of its own, since a tile is
    /// read to its end.
    /// </summary>
    private static void OfferRow(float* scores, int count, ref Selection selection)
    {
        int width = MicroKernel.Columns;
        int item = 0;
        for (; item <= count - width; item += width)
            selection.Offer(scores + item, item, width);
        if (item == count)
            return;
        float* tile = stackalloc float[width];
        new Span<float>(tile, width).Fill(float.NegativeInfinity);
        new ReadOnlySpan<float>(scores + item, count - item).CopyTo(new Span<float>(tile, width));
        selection.Offer(tile, item, count - item);
    }

    private static void CheckSelectTopK(Tensor scores, Ids excludedOffsets, Ids excludedItems, int k, Ids result)
    {
        int rows = scores.Rows;
        Check(
            k >= 0 && result.Count == (long)rows * k,
            $"SelectTopK: {k} items for each of {rows} rows do not fit {result}");
        Check(
            excludedOffsets.Count == rows + 1,
            $"SelectTopK: {rows} rows need {rows + 1} offsets, not {excludedOffsets.Count}");
        int* offsets = excludedOffsets.Pointer;
        for (int row = 0; row <= rows; row++)
        {
            int least = row == 0 ? 0 : offsets[row - 1];
            if (offsets[row] < least || offsets[row] > excludedItems.Count)
                throw new ArgumentException(
                    $"SelectTopK: offset {row} is {offsets[row]}, outside [{least}, {excludedItems.Count}]");
        }

        GC.KeepAlive(excludedOffsets);
    }
}
