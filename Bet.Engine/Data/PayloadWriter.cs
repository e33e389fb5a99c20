using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Bet.Engine.Data;

/// <summary>
/// Writes the engine's own data files: 4 bytes of magic, a uint32 version, the payload's length as uint64 and its
/// SHA-256, then the payload; little-endian. Integers in the payload are LEB128 varints, signed ones zigzag, and lists
/// of numbers are stored as differences, so that a number close to the one before takes one byte.
/// <para>
/// The header comes first and speaks of the whole payload, so the content is written twice: to be measured, and to the
/// file. The payload is never held.
/// </para>
/// </summary>
internal sealed class PayloadWriter
{
    public const int HeaderBytes = 4 + 4 + 8 + SHA256.HashSizeInBytes;

    private const int BufferBytes = 64 << 10;
    private const int MostNumberBytes = 10;

    private readonly byte[] buffer = new byte[BufferBytes];
    private readonly IncrementalHash? hash;
    private readonly Stream? stream;
    private int filled;
    private long flushed;

    private PayloadWriter(IncrementalHash hash) => this.hash = hash;

    private PayloadWriter(Stream stream) => this.stream = stream;

    /// <param name="stream">Where the file goes; stays open.</param>
    /// <param name="magic">4 bytes.</param>
    /// <param name="version">Of the payload's layout.</param>
    /// <param name="content">Writes the payload; called twice, and must write the same each time.</param>
    /// <exception cref="DataTooLargeException">The payload would be larger than a reader takes.</exception>
    public static void Write(Stream stream, ReadOnlySpan<byte> magic, uint version, Action<PayloadWriter> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var measuring = new PayloadWriter(hash);
        content(measuring);
        measuring.Flush();
        if (measuring.flushed > Array.MaxLength)
            throw new DataTooLargeException("the data set is too large: its file would pass 2 GiB");
        Span<byte> header = stackalloc byte[HeaderBytes];
        magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], version);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], (ulong)measuring.flushed);
        hash.GetHashAndReset(header[16..]);
        stream.Write(header);
        var writing = new PayloadWriter(stream);
        content(writing);
        writing.Flush();
    }

    public void Unsigned(ulong value)
    {
        if (filled > BufferBytes - MostNumberBytes)
            Flush();
        for (; value >= 0x80; value >>= 7)
            buffer[filled++] = (byte)(value | 0x80);
        buffer[filled++] = (byte)value;
    }

    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>The 8 bytes of IEEE 754.</summary>
    public void Double(double value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        Bytes(bytes);
    }

    /// <summary>The 4 bytes of IEEE 754.</summary>
    public void Single(float value)
    {
        if (filled > BufferBytes - sizeof(float))
            Flush();
        BinaryPrimitives.WriteSingleLittleEndian(buffer.AsSpan(filled), value);
        filled += sizeof(float);
    }

    public void Strings(IdList values)
    {
        Unsigned((ulong)values.Count);
        for (int number = 0; number < values.Count; number++)
        {
            var bytes = values.Utf8(number);
            Unsigned((ulong)bytes.Length);
            Bytes(bytes);
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

    private void Bytes(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (filled == BufferBytes)
                Flush();
            int count = Math.Min(bytes.Length, BufferBytes - filled);
            bytes[..count].CopyTo(buffer.AsSpan(filled));
            filled += count;
            bytes = bytes[count..];
        }
    }

    private void Flush()
    {
        hash?.AppendData(buffer, 0, filled);
        stream?.Write(buffer, 0, filled);
        flushed += filled;
        filled = 0;
    }
}
