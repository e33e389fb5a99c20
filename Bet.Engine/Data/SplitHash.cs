using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Bet.Engine.Data;

/// <summary>The identity of a split: SHA-256 over its raw ids in row order and its three parts.</summary>
public static class SplitHash
{
    /// <summary>64 lower-case hex digits.</summary>
    public static string Of(
        string[] userIds, string[] itemIds, Interactions train, Interactions validation, Interactions test)
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

    /// <summary>The count, then each id's length and UTF-8 bytes: no two lists of ids give the same bytes.</summary>
    private static void Append(IncrementalHash hash, string[] ids)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(ids.Length);
        foreach (string id in ids)
            writer.Write(id);
        writer.Flush();
        hash.AppendData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    private static void Append(IncrementalHash hash, int[] values)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, values.Length);
        hash.AppendData(length);
        if (BitConverter.IsLittleEndian)
        {
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
            return;
        }

        var swapped = new int[values.Length];
        BinaryPrimitives.ReverseEndianness(values, swapped);
        hash.AppendData(MemoryMarshal.AsBytes(swapped.AsSpan()));
    }
}
