using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Bet.Engine.Data;

/// <summary>
/// Numbers ids by first appearance. Ids are compared as UTF-8 bytes and lie end to end in one array, so that looking
/// one up allocates nothing.
/// </summary>
internal sealed class IdMap
{
    /// <summary>Random, so that nobody can prepare a file whose ids collide; numbers do not depend on it.</summary>
    private readonly ulong seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

    /// <summary>Open addressing: the hash in the high half, number + 1 in the low half, 0 where free.</summary>
    private ulong[] slots = new ulong[1024];
    private int[] ends = new int[512];
    private byte[] bytes = new byte[8192];

    public int Count { get; private set; }

    /// <summary>The number of an id, a new one if it was never seen.</summary>
    public int Add(ReadOnlySpan<byte> id)
    {
        uint hash = Hash(id);
        int mask = slots.Length - 1;
        int slot = (int)hash & mask;
        for (ulong entry; (entry = slots[slot]) != 0; slot = (slot + 1) & mask)
        {
            int number = (int)(uint)entry - 1;
            if ((uint)(entry >> 32) == hash && id.SequenceEqual(Bytes(number)))
                return number;
        }

        slots[slot] = ((ulong)hash << 32) | (uint)(Count + 1);
        Append(id);
        if (Count > slots.Length / 2)
            Grow();
        return Count - 1;
    }

    /// <summary>The ids by number.</summary>
    public IdList ToList() =>
        new(bytes.AsSpan(0, Count == 0 ? 0 : ends[Count - 1]).ToArray(), ends.AsSpan(0, Count).ToArray());

    private ReadOnlySpan<byte> Bytes(int number)
    {
        int start = number == 0 ? 0 : ends[number - 1];
        return bytes.AsSpan(start, ends[number] - start);
    }

    private void Append(ReadOnlySpan<byte> id)
    {
        int start = Count == 0 ? 0 : ends[Count - 1];
        int end = IdList.End((long)start + id.Length);
        if (end > bytes.Length)
            Array.Resize(ref bytes, (int)Math.Min(Array.MaxLength, Math.Max(end, 2L * bytes.Length)));
        if (Count == ends.Length)
            Array.Resize(ref ends, 2 * ends.Length);
        id.CopyTo(bytes.AsSpan(start));
        ends[Count++] = end;
    }

    private void Grow()
    {
        var old = slots;
        slots = new ulong[2 * old.Length];
        int mask = slots.Length - 1;
        foreach (ulong entry in old)
        {
            if (entry == 0)
                continue;
            int slot = (int)(entry >> 32) & mask;
            while (slots[slot] != 0)
                slot = (slot + 1) & mask;
            slots[slot] = entry;
        }
    }

    private uint Hash(ReadOnlySpan<byte> id)
    {
        ulong hash = seed + (ulong)id.Length;
        for (; id.Length >= sizeof(ulong); id = id[sizeof(ulong)..])
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(id));
        ulong tail = 0;
        foreach (byte value in id)
            tail = (tail << 8) | value;
        hash = Fold(hash ^ tail);
        return (uint)(hash ^ (hash >> 32));
    }

    private static ulong Fold(ulong value)
    {
        ulong high = Math.BigMul(value, 0x9E3779B97F4A7C15, out ulong low);
        return high ^ BitOperations.RotateLeft(low, 29);
    }
}
