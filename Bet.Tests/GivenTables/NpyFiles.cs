using System.Buffers.Binary;
using System.Text;

namespace Bet.Tests.GivenTables;

/// <summary>Writes .npy files as NumPy does, right or wrong.</summary>
internal static class NpyFiles
{
    public static byte[] Of(float[] values, int rows, int columns) =>
        Raw($"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}", values.SelectMany(BitConverter.GetBytes));

    /// <summary>Any header and any bytes behind it.</summary>
    public static byte[] Raw(string header, IEnumerable<byte> values, byte version = 1)
    {
        int prefix = version == 1 ? 10 : 12;
        string padded = header + new string(' ', 63 - ((prefix + header.Length) % 64)) + "\n";
        var length = new byte[version == 1 ? 2 : 4];
        if (version == 1)
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)padded.Length);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)padded.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. Encoding.Latin1.GetBytes(padded), .. values];
    }
}
