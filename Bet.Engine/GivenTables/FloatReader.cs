using System.Buffers.Binary;

namespace Bet.Engine.GivenTables;

/// <summary>How a file stores real numbers; all little-endian.</summary>
internal enum FloatType
{
    Float16,
    BFloat16,
    Float32,
    Float64,
}

/// <summary>Rows of numbers, all as long.</summary>
/// <param name="Values">float32 [Rows, Columns], row-major, finite.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Numbers of a row.</param>
internal sealed record DenseRows(float[] Values, int Rows, int Columns);

/// <summary>Reads numbers of any of the widths as float32, and refuses those that are none.</summary>
internal static class FloatReader
{
    private const int ChunkBytes = 1 << 20;

    public static int SizeOf(FloatType type) => type switch
    {
        FloatType.Float32 => 4,
        FloatType.Float64 => 8,
        _ => 2,
    };

    /// <summary>The next rows * columns numbers of a stream, [rows, columns].</summary>
    /// <param name="stream">At the first number.</param>
    /// <param name="type">How they are stored.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Numbers of a row.</param>
    /// <param name="field">The table's side, for messages.</param>
    /// <exception cref="GivenTableException">A number is not finite as float32.</exception>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public static DenseRows Read(Stream stream, FloatType type, int rows, int columns, string field)
    {
        var values = new float[(long)rows * columns];
        int size = SizeOf(type);
        var buffer = new byte[ChunkBytes];
        for (int done = 0; done < values.Length;)
        {
            int count = Math.Min(buffer.Length / size, values.Length - done);
            stream.ReadExactly(buffer, 0, count * size);
            for (int i = 0; i < count; i++, done++)
            {
                values[done] = Decode(buffer.AsSpan(i * size, size), type);
                if (!float.IsFinite(values[done]))
                    throw new GivenTableException(field, FormattableString.Invariant($"row {done / columns}, column {done % columns} (both counted from 0) is {values[done]} as float32; every value must be finite"));
            }
        }

        return new DenseRows(values, rows, columns);
    }

    private static float Decode(ReadOnlySpan<byte> bytes, FloatType type) => type switch
    {
        FloatType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        // The upper half of a float32.
        FloatType.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
        FloatType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        _ => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
    };
}
