using System.Numerics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// The samples of a batch that read the same row of one table, for every row that is read: a list of samples in rising order
/// for each. Groups are in the order of their first samples.
/// </summary>
/// <param name="block"><see cref="Length"/> integers.</param>
/// <param name="samples">b.</param>
internal readonly unsafe struct RowGroups(int* block, int samples)
{
    /// <summary>Of a cache line, so that what threads write lies in lines of their own.</summary>
    private const int LineLength = 16;

    /// <summary>A row's number times this spreads over the upper bits: 2^32 over the golden ratio.</summary>
    private const uint Spread = 0x9E3779B1;

    private readonly int samples = samples;

    /// <summary>How many rows are read.</summary>
    public int Count => *block;

    /// <summary>[b], the row that each sample reads, or -1.</summary>
    public readonly int* RowOfSample = block + LineLength;

    /// <summary>[b], the next sample of the same group, or -1; nothing where a sample reads no row.</summary>
    public readonly int* NextSample = block + LineLength + samples;

    /// <summary>[Count], the row of each group.</summary>
    public readonly int* Row = block + LineLength + (2L * samples);

    /// <summary>[Count], the first sample of each group.</summary>
    public readonly int* FirstSample = block + LineLength + (3L * samples);

    /// <summary>Integers of the groups of one table.</summary>
    public static long Length(int samples) => ((4L * samples) + (2 * LineLength) - 1) / LineLength * LineLength;

    /// <summary>Integers of working memory that <see cref="Fill"/> needs.</summary>
    public static long WorkLength(int samples) => SlotCount(samples) + samples;

    /// <summary>Finds the groups of a source's rows.</summary>
    /// <param name="source">The table.</param>
    /// <param name="categories">[b F].</param>
    /// <param name="fields">F.</param>
    /// <param name="work"><see cref="WorkLength"/> integers.</param>
    public void Fill(in FieldSource source, int* categories, int fields, int* work)
    {
        // Open addressing: a slot holds a group, or -1; half of the slots stay free.
        int slotCount = (int)SlotCount(samples), shift = 32 - BitOperations.Log2((uint)slotCount);
        int* slots = work, lastSample = work + slotCount;
        new Span<int>(slots, slotCount).Fill(-1);
        int count = 0;
        for (int sample = 0; sample < samples; sample++)
        {
            int row = source.RowOf(categories[((long)sample * fields) + source.Field]);
            RowOfSample[sample] = row;
            if (row < 0)
                continue;
            NextSample[sample] = -1;
            uint slot = ((uint)row * Spread) >> shift;
            while (slots[slot] >= 0 && Row[slots[slot]] != row)
                slot = (slot + 1) & (uint)(slotCount - 1);
            int group = slots[slot];
            if (group < 0)
            {
                group = slots[slot] = count++;
                (Row[group], FirstSample[group]) = (row, sample);
            }
            else
            {
                NextSample[lastSample[group]] = sample;
            }

            lastSample[group] = sample;
        }

        *block = count;
    }

    /// <summary>A power of two, at least twice the samples.</summary>
    private static long SlotCount(int samples) => (long)BitOperations.RoundUpToPowerOf2(2 * (ulong)Math.Max(samples, 1));
}
