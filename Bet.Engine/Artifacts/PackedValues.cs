using System.Numerics.Tensors;
using Bet.Engine.Compute;

namespace Bet.Engine.Artifacts;

/// <summary>
/// The values of packed rows, end to end, in one precision. Int4 holds two values a byte, int2 four and int1 eight, the
/// first in the lowest bits; rows follow one another without regard to bytes. Codes of int8 and int4 are in two's
/// complement; an odd code c of int2 or int1 is stored as (c + the largest) / 2. Where the precision has scales there is
/// one for every row that has values.
/// </summary>
public sealed class PackedValues
{
    private readonly Array codes;

    private PackedValues(Precision precision, long count, Array codes, Half[] scales)
    {
        (Precision, Count, this.codes, Scales) = (precision, count, codes, scales);
    }

    public Precision Precision { get; }

    /// <summary>Number of values.</summary>
    public long Count { get; }

    /// <summary>float16, one a row that has values; empty where the precision has none.</summary>
    public Half[] Scales { get; }

    /// <summary>The rows of float32 values given one by one, rounded to the precision; see <see cref="RowQuantiser"/>.</summary>
    /// <param name="precision">How they are stored.</param>
    /// <param name="sizes">Values of each row; rows that have none come last.</param>
    /// <param name="row">The values of a row.</param>
    public static PackedValues Encode(Precision precision, ReadOnlySpan<int> sizes, RowOf row)
    {
        int rows = 0, largest = 0;
        long count = 0;
        foreach (int size in sizes)
            (rows, count, largest) = (rows + (size > 0 ? 1 : 0), count + size, Math.Max(largest, size));
        var packed = new PackedValues(
            precision, count, NewCodes(precision, count), precision.HasScales() ? new Half[rows] : []);
        Span<sbyte> rounded = new sbyte[largest];
        long start = 0;
        for (int i = 0; i < rows; start += sizes[i], i++)
            packed.Put(i, start, row(i)[..sizes[i]], rounded);
        return packed;
    }

    /// <summary>From a file's tensors, which must be as long as the count asks for.</summary>
    /// <param name="precision">How they are stored.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="codes">float32, float16, int8 or, below eight bits, uint8.</param>
    /// <param name="scales">See <see cref="Scales"/>.</param>
    /// <exception cref="ArgumentException">The codes are not of the precision's type, or not as many.</exception>
    public static PackedValues From(Precision precision, long count, Array codes, Half[] scales)
    {
        Array expected = NewCodes(precision, 0);
        if (codes.GetType() != expected.GetType() || codes.Length != CodesOf(precision, count))
            throw new ArgumentException($"{count} {precision.Name()} values are not {codes.Length} of {codes.GetType().Name}");
        return new PackedValues(precision, count, codes, scales);
    }

    /// <summary>Writes the values from <paramref name="start"/> on of a row to the destination.</summary>
    public void Decode(int row, long start, Span<float> destination)
    {
        switch (Precision)
        {
            case Precision.Float32:
                Floats.AsSpan((int)start, destination.Length).CopyTo(destination);
                break;
            case Precision.Float16:
                TensorPrimitives.ConvertToSingle(Halves.AsSpan((int)start, destination.Length), destination);
                break;
            case Precision.Int8:
                float scale = Scale(row, destination);
                for (int i = 0; i < destination.Length; i++)
                    destination[i] = Bytes[start + i] * scale;
                break;
            default:
                float unit = Scale(row, destination);
                for (int i = 0; i < destination.Length; i++)
                    destination[i] = CodeAt(start + i) * unit;
                break;
        }
    }

    /// <summary>As a file stores them: codes of the precision's type.</summary>
    public TensorContent ToTensor(string name) => Precision switch
    {
        Precision.Float32 => TensorContent.From(name, Floats, codes.Length),
        Precision.Float16 => TensorContent.From(name, Halves, codes.Length),
        Precision.Int8 => TensorContent.From(name, Bytes, codes.Length),
        _ => TensorContent.From(name, Shared, codes.Length),
    };

    public bool SequenceEqual(PackedValues other) =>
        Precision == other.Precision && Count == other.Count && Scales.AsSpan().SequenceEqual(other.Scales) &&
        Precision switch
        {
            Precision.Float32 => Floats.AsSpan().SequenceEqual(other.Floats),
            Precision.Float16 => Halves.AsSpan().SequenceEqual(other.Halves),
            Precision.Int8 => Bytes.AsSpan().SequenceEqual(other.Bytes),
            _ => Shared.AsSpan().SequenceEqual(other.Shared),
        };

    /// <summary>The values of a row, at least as many as its size.</summary>
    public delegate ReadOnlySpan<float> RowOf(int row);

    private float[] Floats => (float[])codes;

    private Half[] Halves => (Half[])codes;

    private sbyte[] Bytes => (sbyte[])codes;

    private byte[] Shared => (byte[])codes;

    private static long CodesOf(Precision precision, long count)
    {
        int inByte = Math.Max(1, 8 / precision.Bits());
        return (count + inByte - 1) / inByte;
    }

    private static Array NewCodes(Precision precision, long count) => precision switch
    {
        Precision.Float32 => new float[count],
        Precision.Float16 => new Half[count],
        Precision.Int8 => new sbyte[count],
        _ => new byte[CodesOf(precision, count)],
    };

    /// <summary>Of a precision below eight bits.</summary>
    private int CodeAt(long at)
    {
        int bits = Precision.Bits();
        int stored = (Shared[at * bits / 8] >> (int)(at * bits % 8)) & ((1 << bits) - 1);
        return Precision.HasOddCodes() ? (2 * stored) - Precision.Levels() : (stored ^ 8) - 8;
    }

    private void PutCode(long at, int code)
    {
        int bits = Precision.Bits();
        int stored = Precision.HasOddCodes() ? (code + Precision.Levels()) / 2 : code & 15;
        Shared[at * bits / 8] |= (byte)(stored << (int)(at * bits % 8));
    }

    /// <summary>An empty row has none, and needs none.</summary>
    private float Scale(int row, ReadOnlySpan<float> destination) => destination.IsEmpty ? 0 : (float)Scales[row];

    private void Put(int row, long start, ReadOnlySpan<float> values, Span<sbyte> rounded)
    {
        switch (Precision)
        {
            case Precision.Float32:
                values.CopyTo(Floats.AsSpan((int)start));
                break;
            case Precision.Float16:
                TensorPrimitives.ConvertToHalf(values, Halves.AsSpan((int)start));
                break;
            case Precision.Int8:
                Scales[row] = RowQuantiser.Encode(values, Precision, Bytes.AsSpan((int)start, values.Length));
                break;
            default:
                Scales[row] = RowQuantiser.Encode(values, Precision, rounded);
                for (int i = 0; i < values.Length; i++)
                    PutCode(start + i, rounded[i]);
                break;
        }
    }
}
