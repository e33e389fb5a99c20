using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute;

/// <summary>
/// Rounds a row to a <see cref="Precision"/>: value = scale * code, with a scale in float16, two bytes. Int8 and int4
/// take the smallest scale that the row's largest value needs, and ties go to the even code; int2 and int1, whose few
/// codes cannot reach that far, the scale of the least squared error, found from the one for normal values (Max, IRE
/// Trans. 1960), and cut off what lies beyond. Rounding what was rounded changes nothing. Training, packing and reading all go by these two
/// functions.
/// </summary>
public static class RowQuantiser
{
    /// <summary>Bytes of a row's scale, float16.</summary>
    public const int ScaleBytes = 2;

    /// <summary>Int2's best scale for normal values of deviation 1: thresholds 0 and +-0.996, values +-0.498 and +-1.494.</summary>
    private const float NormalScale = 0.49787f;

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
        if (precision.HasOddCodes())
            return ScaleOfOdd(row, precision);
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
            codes[i] = (sbyte)Code(row[i] * inverse, levels, precision.HasOddCodes());
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
                RoundToCodes(row, (float)Scale(row, precision), precision, result);
                break;
        }
    }

    private static void RoundToCodes(ReadOnlySpan<float> row, float scale, Precision precision, Span<float> result)
    {
        float inverse = Inverse((Half)scale);
        float levels = precision.Levels();
        bool odd = precision.HasOddCodes();
        int at = 0;
        ref float source = ref MemoryMarshal.GetReference(row);
        ref float target = ref MemoryMarshal.GetReference(result);
        for (; at <= row.Length - Vector512<float>.Count; at += Vector512<float>.Count)
        {
            var code = Vector512.LoadUnsafe(ref source, (nuint)at) * inverse;
            code = odd ? (Vector512.Floor(code * 0.5f) * 2) + Vector512<float>.One : Vector512.Round(code);
            code = Vector512.Min(Vector512.Max(code, Vector512.Create(-levels)), Vector512.Create(levels));
            (code * scale).StoreUnsafe(ref target, (nuint)at);
        }

        for (; at < row.Length; at++)
            result[at] = Code(row[at] * inverse, levels, odd) * scale;
    }

    private static float Code(float value, float levels, bool odd) =>
        Math.Clamp(odd ? (MathF.Floor(value * 0.5f) * 2) + 1 : MathF.Round(value), -levels, levels);

    /// <summary>The scale that a rounded row has already, else the one of the least squared error.</summary>
    private static Half ScaleOfOdd(ReadOnlySpan<float> row, Precision precision)
    {
        float largest = MathF.Abs(TensorPrimitives.MaxMagnitude(row));
        foreach (int code in (ReadOnlySpan<int>)[precision.Levels(), 1])
        {
            if (IsRounded(row, largest / code, precision.Levels()))
                return (Half)(largest / code);
        }

        float wanted = precision == Precision.Int1
            ? TensorPrimitives.SumOfMagnitudes(row) / row.Length
            : Refined(row, NormalScale * TensorPrimitives.Norm(row) / MathF.Sqrt(row.Length));
        return wanted >= (float)Half.MaxValue ? Half.MaxValue : (Half)wanted;
    }

    /// <summary>Int2's scale of the least squared error for the codes that a first scale gives (a step of Lloyd's).</summary>
    private static float Refined(ReadOnlySpan<float> row, float scale)
    {
        float threshold = 2 * scale;
        float all = TensorPrimitives.SumOfMagnitudes(row), beyond = 0;
        int threes = 0;
        foreach (float value in row)
        {
            float magnitude = MathF.Abs(value);
            bool isThree = magnitude >= threshold;
            beyond += isThree ? magnitude : 0;
            threes += isThree ? 1 : 0;
        }

        return (all + (2 * beyond)) / (row.Length + (8 * threes));
    }

    private static bool IsRounded(ReadOnlySpan<float> row, float scale, int levels)
    {
        if ((float)(Half)scale != scale)
            return false;
        foreach (float value in row)
        {
            float magnitude = MathF.Abs(value);
            if (magnitude != scale && magnitude != levels * scale)
                return false;
        }

        return true;
    }

    private static float Inverse(Half scale) => scale == default ? 0 : 1 / (float)scale;
}
