using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Bet.Engine.Data;

/// <summary>
/// Raw ids by number, end to end in one array as UTF-8: an id takes its bytes and 4 more, where a string takes about
/// 40 more. A string is made when one is asked for.
/// </summary>
[CollectionBuilder(typeof(IdList), nameof(Create))]
public sealed class IdList : IReadOnlyList<string>
{
    private readonly byte[] bytes;
    private readonly int[] ends;

    /// <param name="bytes">The ids, one after the other.</param>
    /// <param name="ends">Where each id ends, rising, [Count].</param>
    internal IdList(byte[] bytes, int[] ends) => (this.bytes, this.ends) = (bytes, ends);

    public int Count => ends.Length;

    /// <summary>What the ids take in memory, in bytes.</summary>
    public long Bytes => bytes.LongLength + (ends.LongLength * sizeof(int));

    public string this[int number] => Encoding.UTF8.GetString(Utf8(number));

    /// <exception cref="InvalidOperationException">The ids take more than an array holds.</exception>
    public static IdList Create(ReadOnlySpan<string> ids)
    {
        var ends = new int[ids.Length];
        long total = 0;
        for (int number = 0; number < ids.Length; number++)
            ends[number] = End(total += Encoding.UTF8.GetByteCount(ids[number]));
        var bytes = new byte[total];
        int start = 0;
        foreach (string id in ids)
            start += Encoding.UTF8.GetBytes(id, bytes.AsSpan(start));
        return new IdList(bytes, ends);
    }

    /// <summary>The bytes of one id.</summary>
    public ReadOnlySpan<byte> Utf8(int number)
    {
        int start = number == 0 ? 0 : ends[number - 1];
        return bytes.AsSpan(start, ends[number] - start);
    }

    /// <summary>The ids with the given numbers, in their order; each number at most once.</summary>
    internal IdList InOrder(ReadOnlySpan<int> numbers)
    {
        var orderedEnds = new int[numbers.Length];
        int total = 0;
        for (int place = 0; place < numbers.Length; place++)
            orderedEnds[place] = total += Utf8(numbers[place]).Length;
        var ordered = new byte[total];
        int start = 0;
        foreach (int number in numbers)
        {
            Utf8(number).CopyTo(ordered.AsSpan(start));
            start += Utf8(number).Length;
        }

        return new IdList(ordered, orderedEnds);
    }

    /// <summary>Each number plus one, in decimal digits.</summary>
    internal static IdList CountingFromOne(ReadOnlySpan<int> numbers)
    {
        const int mostDigits = 10;
        var ends = new int[numbers.Length];
        var bytes = new byte[End((long)numbers.Length * mostDigits)];
        int end = 0;
        for (int place = 0; place < numbers.Length; place++)
        {
            (numbers[place] + 1L).TryFormat(bytes.AsSpan(end), out int written, default, CultureInfo.InvariantCulture);
            ends[place] = end += written;
        }

        Array.Resize(ref bytes, end);
        return new IdList(bytes, ends);
    }

    /// <summary>A length of all ids together, if an array can have it.</summary>
    internal static int End(long bytes) => bytes <= Array.MaxLength
        ? (int)bytes
        : throw new DataTooLargeException("the data set is too large: the ids of one side take more than 2 GiB");

    public IEnumerator<string> GetEnumerator()
    {
        for (int number = 0; number < Count; number++)
            yield return this[number];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
