using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute;

/// <summary>
/// Rounds a row to a <see cref="Precision"/>. Whole numbers are symmetric: value = scale * code, with the smallest scale
/// that the row's largest value needs, rounded up to float16 so that it takes two bytes; ties go to the even code.
/// Rounding what was rounded changes nothing. Training, packing and reading all go by these two functions.
/// </summary>
public static class RowQuantiser
{
    /// <summary>Bytes of a row's scale, float16.</summary>
    public const int ScaleBytes = 2;

    /// <summary>
    /// The row's scale; 0 for a row of zeros. Values that even the largest float16 cannot scale are cut off: 8 million
    /// for int8, 400 thousand for int4.
    /// </summary>
    /// <param name="row">Finite values.</param>
    /// <param name="precision">One that has scales.</param>
    public static Half Scale(ReadOnlySpan<float> row, Precision precision)
    {
        if (row.IsEmpty)
            return default;
        float wanted = MathF.Abs(TensorPrimitives.MaxMagnitude(row)) / precision.Levels();
        if (wanted >= (float)Half.MaxValue)
            return Half.MaxValue;
        var scale = (Half)wanted;
        return (float)scale < wanted ? Half.BitIncrement(scale) : scale;
    }

    /// <summary>The row's codes and scale, of a precision that has scales.</summary>
    /// <param name="row">Finite values.</param>
    /// <param name="precision">One that has scales.</param>
    /// <param name="codes">As long as the row.</param>
    public static Half Encode(ReadOnlySpan<float> row, Precision precision, Span<sbyte> codes)
    {
        var scale = Scale(row, precision);
        float inverse = Inverse(scale);
        float levels = precision.Levels();
        for (int i = 0; i < row.Length; i++)
            codes[i] = (sbyte)MathF.Round(Math.Clamp(row[i] * inverse, -levels, levels));
        return scale;
    }

    /// <summary>The row as it is read again: what decoding what it is encoded to gives. The result may be the row.</summary>
    public static void Round(ReadOnlySpan<float> row, Precision precision, Span<float> result)
    {
        switch (precision)
        {
            case Precision.Float32:
                row.CopyTo(result);
                break;
            case Precision.Float16:
                for (int i = 0; i < row.Length; i++)
                    result[i] = (float)(Half)row[i];
                break;
            default:
                RoundToCodes(row, (float)Scale(row, precision), precision.Levels(), result);
                break;
        }
    }

    private static void RoundToCodes(ReadOnlySpan<float> row, float scale, float levels, Span<float> result)
    {
        float inverse = Inverse((Half)scale);
        int at = 0;
        ref float source = ref MemoryMarshal.GetReference(row);
        ref float target = ref MemoryMarshal.GetReference(result);
        for (; at <= row.Length - Vector512<float>.Count; at += Vector512<float>.Count)
        {
            var code = Vector512.LoadUnsafe(ref source, (nuint)at) * inverse;
            code = Vector512.Round(Vector512.Min(Vector512.Max(code, Vector512.Create(-levels)), Vector512.Create(levels)));
            (code * scale).StoreUnsafe(ref target, (nuint)at);
        }

        for (; at < row.Length; at++)
            result[at] = MathF.Round(Math.Clamp(row[at] * inverse, -levels, levels)) * scale;
    }

    private static float Inverse(Half scale) => scale == default ? 0 : 1 / (float)scale;
}
