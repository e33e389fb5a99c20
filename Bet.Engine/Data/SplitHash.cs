using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Bet.Engine.Data;

/// <summary>The identity of a split: SHA-256 over its raw ids in row order and its three parts.</summary>
public static class SplitHash
{
    private const int ChunkBytes = 64 << 10;

    /// <summary>64 lower-case hex digits.</summary>
    public static string Of(
        IdList userIds, IdList itemIds, Interactions train, Interactions validation, Interactions test)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, userIds);
        Append(hash, itemIds);
        foreach (var part in new[] { train, validation, test })
        {
            Append(hash, part.Offsets);
            Append(hash, part.Items);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>
    /// The count, then each id's length (LEB128) and UTF-8 bytes: no two lists of ids give the same bytes.
    /// </summary>
    internal static void Append(IncrementalHash hash, IdList ids)
    {
        const int mostLengthBytes = 5;
        var chunk = new byte[ChunkBytes];
        BinaryPrimitives.WriteInt32LittleEndian(chunk, ids.Count);
        int filled = sizeof(int);
        for (int number = 0; number < ids.Count; number++)
        {
            var id = ids.Utf8(number);
            if (filled + mostLengthBytes + id.Length > chunk.Length)
            {
                hash.AppendData(chunk, 0, filled);
                filled = 0;
            }

            uint length = (uint)id.Length;
            for (; length >= 0x80; length >>= 7)
                chunk[filled++] = (byte)(length | 0x80);
            chunk[filled++] = (byte)length;
            if (filled + id.Length <= chunk.Length)
            {
                id.CopyTo(chunk.AsSpan(filled));
                filled += id.Length;
                continue;
            }

            hash.AppendData(chunk, 0, filled);
            hash.AppendData(id);
            filled = 0;
        }

        hash.AppendData(chunk, 0, filled);
    }

    /// <summary>The count, then the values, little-endian.</summary>
    internal static void Append(IncrementalHash hash, ReadOnlySpan<int> values)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, values.Length);
        hash.AppendData(length);
        var swapped = new int[BitConverter.IsLittleEndian ? 0 : Math.Min(values.Length, ChunkBytes)];
        while (values.Length > 0)
        {
            var chunk = values[..Math.Min(values.Length, ChunkBytes)];
            values = values[chunk.Length..];
            if (!BitConverter.IsLittleEndian)
            {
                BinaryPrimitives.ReverseEndianness(chunk, swapped);
                chunk = swapped.AsSpan(0, chunk.Length);
            }

            hash.AppendData(MemoryMarshal.AsBytes(chunk));
        }
    }
}
