using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Bet.Engine.Data;

/// <summary>
/// Writes the engine's own data files: 4 bytes of magic, a uint32 version, the payload's length as uint64 and its
/// SHA-256, then the payload; little-endian. Integers in the payload are LEB128 varints, signed ones zigzag, and lists
/// of numbers are stored as differences, so that a number close to the one before takes one byte.
/// </summary>
internal sealed class PayloadWriter
{
    public const int HeaderBytes = 4 + 4 + 8 + SHA256.HashSizeInBytes;

    private byte[] payload = new byte[1 << 16];
    private int length;

    public void Unsigned(ulong value)
    {
        Reserve(10);
        for (; value >= 0x80; value >>= 7)
            payload[length++] = (byte)(value | 0x80);
        payload[length++] = (byte)value;
    }

    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Strings(IdList values)
    {
        Unsigned((ulong)values.Count);
        for (int number = 0; number < values.Count; number++)
        {
            var bytes = values.Utf8(number);
            Unsigned((ulong)bytes.Length);
            Reserve(bytes.Length);
            bytes.CopyTo(payload.AsSpan(length));
            length += bytes.Length;
        }
    }

    /// <summary>Differences from one to the next; how many there are is not stored.</summary>
    public void Differences(ReadOnlySpan<int> values)
    {
        int last = 0;
        foreach (int value in values)
        {
            Signed((long)value - last);
            last = value;
        }
    }

    public void Differences(ReadOnlySpan<long> values)
    {
        long last = 0;
        foreach (long value in values)
        {
            Signed(unchecked(value - last));
            last = value;
        }
    }

    /// <summary>Row lengths, then for each row the gaps between its ascending items.</summary>
    public void Rows(Interactions rows)
    {
        for (int row = 0; row < rows.UserCount; row++)
            Unsigned((ulong)(rows.Offsets[row + 1] - rows.Offsets[row]));
        for (int row = 0; row < rows.UserCount; row++)
        {
            int least = 0;
            foreach (int item in rows.Of(row))
            {
                Unsigned((ulong)(item - least));
                least = item + 1;
            }
        }
    }

    public void WriteTo(Stream stream, ReadOnlySpan<byte> magic, uint version)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], version);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], (ulong)length);
        SHA256.HashData(payload.AsSpan(0, length), header[16..]);
        stream.Write(header);
        stream.Write(payload, 0, length);
    }

    private void Reserve(int bytes)
    {
        long needed = (long)length + bytes;
        if (needed <= payload.Length)
            return;
        if (needed > Array.MaxLength)
            throw new InvalidOperationException("the data set is too large: its file would pass 2 GiB");
        Array.Resize(ref payload, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * payload.Length)));
    }
}
