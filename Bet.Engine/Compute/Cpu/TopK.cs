using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// The k best items of every user. A block of users meets the packed items panel by panel in the microkernel, and
/// each tile of scores is looked through while it is still in the first cache: one compare of a vector with the
/// user's k-th best score so far passes over nearly all of it.
/// </summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Panels of users in a chunk: with 12 rows and d = 128, 96 KiB.</summary>
    private const int UserPanels = 16;

    public override void TopK(
        Tensor users, Tensor items, Ids excludedOffsets, Ids excludedItems, int k, Ids result)
    {
        CheckTopK(users, items, excludedOffsets, excludedItems, k, result);
        if (result.Count == 0)
            return;
        int depth = users.Columns;
        int panelWidth = MicroKernel.Columns;
        int panels = ChunksOf(items.Rows, panelWidth);
        int blockUsers = MicroKernel.Rows * UserPanels;
        using var packedItems = scratchPool.Rent((long)panels * panelWidth * depth * sizeof(float));
        PackPanels(new PackSource(items.Pointer, depth, lanesContiguous: false), items.Rows, depth, packedItems);
        var work = (users, items, excludedOffsets, excludedItems, k, result, packedItems, scratchPool);
        workers.For(ChunksOf(users.Rows, blockUsers), work, static (in work, chunk) =>
        {
            var (users, items, excludedOffsets, excludedItems, k, result, packedItems, pool) = work;
            int depth = users.Columns, blockUsers = MicroKernel.Rows * UserPanels;
            int first = chunk * blockUsers;
            int count = Math.Min(blockUsers, users.Rows - first);
            long packedLength = (long)blockUsers * depth;
            using var scratch = pool.Rent(
                (packedLength * sizeof(float)) + ((long)blockUsers * k * sizeof(ScoredItem)) +
                ((long)blockUsers * sizeof(Selection)));
            new PackSource(users.Pointer, depth, lanesContiguous: false).Pack(
                MicroKernel.Rows, first, count, 0, depth, scratch.Floats);
            var heaps = (ScoredItem*)(scratch.Floats + packedLength);
            var selections = (Selection*)(heaps + ((long)blockUsers * k));
            for (int i = 0; i < count; i++)
                selections[i] = new Selection(
                    excludedItems.Pointer, excludedOffsets.Pointer[first + i], excludedOffsets.Pointer[first + i + 1],
                    heaps + ((long)i * k), k);
            SelectBlock(scratch.Floats, count, depth, packedItems.Floats, items.Rows, selections);
            for (int i = 0; i < count; i++)
                selections[i].Finish(result.Pointer + ((long)(first + i) * k));
        });
    }

    private static void CheckTopK(
        Tensor users, Tensor items, Ids excludedOffsets, Ids excludedItems, int k, Ids result)
    {
        Check(users.Columns == items.Columns, $"TopK: users are {users}, items are {items}");
        Check(
            k >= 0 && result.Count == (long)users.Rows * k,
            $"TopK: {k} items for each of {users.Rows} users do not fit {result}");
        Check(
            excludedOffsets.Count == users.Rows + 1,
            $"TopK: {users.Rows} users need {users.Rows + 1} offsets, not {excludedOffsets.Count}");
        int* offsets = excludedOffsets.Pointer;
        for (int row = 0; row <= users.Rows; row++)
        {
            int least = row == 0 ? 0 : offsets[row - 1];
            if (offsets[row] < least || offsets[row] > excludedItems.Count)
                throw new ArgumentException(
                    $"TopK: offset {row} is {offsets[row]}, outside [{least}, {excludedItems.Count}]");
        }

        GC.KeepAlive(excludedOffsets);
    }

    /// <summary>
    /// All items for one block of packed users; a panel of items stays in the first cache for all of them.
    /// </summary>
    private static void SelectBlock(
        float* packedUsers, int userCount, int depth, float* packedItems, int itemCount, Selection* selections)
    {
        float* tile = stackalloc float[MicroKernel.Rows * MicroKernel.Columns];
        for (int item = 0; item < itemCount; item += MicroKernel.Columns)
        {
            int width = Math.Min(MicroKernel.Columns, itemCount - item);
            float* panel = packedUsers;
            for (int user = 0; user < userCount; user += MicroKernel.Rows)
            {
                MicroKernel.Run(
                    depth, Panel.Packed(panel, MicroKernel.Rows), Panel.Packed(packedItems, MicroKernel.Columns), tile,
                    MicroKernel.Columns);
                int height = Math.Min(MicroKernel.Rows, userCount - user);
                for (int i = 0; i < height; i++)
                    selections[user + i].Offer(tile + (i * MicroKernel.Columns), item, width);
                panel += (long)MicroKernel.Rows * depth;
            }

            packedItems += (long)MicroKernel.Columns * depth;
        }
    }

    private struct ScoredItem
    {
        public float Score;
        public int Item;

        /// <summary>
        /// Behind the other in the order of the result: a smaller score, or the same and a larger item.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly bool IsBehind(in ScoredItem other) =>
            Score < other.Score || (Score == other.Score && Item > other.Item);
    }

    /// <summary>
    /// The best items of one user so far: a binary heap whose root is the worst of them. Items are offered in
    /// ascending order, so the excluded ones are passed by one moving pointer, and of equal scores the first stays.
    /// A score that is not a number is never chosen.
    /// </summary>
    private struct Selection(int* excluded, int nextExcluded, int endExcluded, ScoredItem* heap, int capacity)
    {
        private int nextExcluded = nextExcluded;
        private int count;
        private float threshold = float.NegativeInfinity;

        /// <summary>Offers items item .. item + width, scored in a row of a tile.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Offer(float* scores, int item, int width)
        {
            if (count == capacity && !AnyAbove(scores, threshold))
                return;
            OfferEach(scores, item, width);
        }

        /// <summary>Sorts the heap, best first, and writes its items; -1 for those there are too few of.</summary>
        public void Finish(int* result)
        {
            for (int i = count; i < capacity; i++)
                result[i] = -1;
            while (count > 0)
            {
                result[count - 1] = heap[0].Item;
                var moved = heap[--count];
                SiftDown(moved);
            }
        }

        /// <summary>
        /// Whether a whole row of a tile, whatever of it is in use, holds a score above the threshold.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static bool AnyAbove(float* scores, float threshold)
        {
            if (Vector512.IsHardwareAccelerated)
                return AnyAbove<Simd512, Vector512<float>>(scores, threshold);
            if (Vector256.IsHardwareAccelerated)
                return AnyAbove<Simd256, Vector256<float>>(scores, threshold);
            return Vector128.IsHardwareAccelerated
                ? AnyAbove<Simd128, Vector128<float>>(scores, threshold)
                : AnyAbove<SimdScalar, float>(scores, threshold);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static bool AnyAbove<TSimd, TVector>(float* scores, float threshold)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            var limit = TSimd.Create(threshold);
            return TSimd.AnyGreater(TSimd.Load(scores), limit) ||
                TSimd.AnyGreater(TSimd.Load(scores + TSimd.Count), limit);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void OfferEach(float* scores, int item, int width)
        {
            for (int i = 0; i < width; i++)
            {
                float score = scores[i];
                bool better = count < capacity ? !float.IsNaN(score) : score > threshold;
                if (better && !IsExcluded(item + i))
                    Insert(new ScoredItem { Score = score, Item = item + i });
            }
        }

        private bool IsExcluded(int item)
        {
            while (nextExcluded < endExcluded && excluded[nextExcluded] < item)
                nextExcluded++;
            return nextExcluded < endExcluded && excluded[nextExcluded] == item;
        }

        private void Insert(ScoredItem candidate)
        {
            if (count == capacity)
            {
                SiftDown(candidate);
            }
            else
            {
                int at = count++;
                for (int parent; at > 0 && candidate.IsBehind(heap[parent = (at - 1) / 2]); at = parent)
                    heap[at] = heap[parent];
                heap[at] = candidate;
            }

            threshold = count == capacity ? heap[0].Score : threshold;
        }

        /// <summary>Puts the value in the place of the root and restores the heap.</summary>
        private readonly void SiftDown(ScoredItem value)
        {
            int at = 0;
            while (true)
            {
                int child = (2 * at) + 1;
                if (child >= count)
                    break;
                if (child + 1 < count && heap[child + 1].IsBehind(heap[child]))
                    child++;
                if (!heap[child].IsBehind(value))
                    break;
                heap[at] = heap[child];
                at = child;
            }

            heap[at] = value;
        }
    }
}
