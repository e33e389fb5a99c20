using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute;

/// <summary>The scale of a row, a float16 number that is held as float32; see <see cref="RowQuantiser"/>.</summary>
internal static class RowScale
{
    private const float LargestHalf = 65504;

    /// <summary>2^-14: float16 numbers below it are multiples of <see cref="LeastHalf"/>.</summary>
    private const float LeastNormalHalf = 1f / (1 << 14);

    /// <summary>2^-24.</summary>
    private const float LeastHalf = 1f / (1 << 24);

    /// <summary>Bits of a float32's mantissa that a float16 does not have.</summary>
    private const uint LostBits = (1u << 13) - 1;

    /// <summary>Int2's best scale for normal values of deviation 1: thresholds 0 and +-0.996, values +-0.498 and +-1.494.</summary>
    private const float NormalScale = 0.49787f;

    /// <summary>Of a row of finite values, for a precision that has scales.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(ReadOnlySpan<float> row, Precision precision)
    {
        float largest = LargestMagnitude(row);
        return precision.HasOddCodes() ? OfOdd(row, largest, precision) : OfEven(largest, precision.Levels());
    }

    /// <summary>What a value is multiplied by to become a code; 0 for a row of zeros.</summary>
    public static float Inverse(float scale) => scale == 0 ? 0 : 1 / scale;

    /// <summary>The smallest that the largest value needs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float OfEven(float largest, float levels)
    {
        float wanted = largest / levels;
        return wanted < LeastNormalHalf ? OfSmall(largest, levels) : HalfFrom(wanted);
    }

    /// <summary>
    /// Below 2^-14, where scales are far apart, the smallest that the largest value needs may give it a lower code than the
    /// largest. Where the scale before reaches as far as that code, it is taken, as rounding again would take it.
    /// </summary>
    private static float OfSmall(float largest, float levels)
    {
        float scale = HalfFrom(largest / levels);
        float reached = MathF.Round(largest * Inverse(scale)) * scale, before = scale - LeastHalf;
        return scale > 0 && reached <= before * levels ? before : scale;
    }

    /// <summary>The smallest float16 number that is at least a value, which is not negative; the largest where none is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float HalfFrom(float value)
    {
        if (value < LeastNormalHalf)
            return MathF.Ceiling(value / LeastHalf) * LeastHalf;
        return value >= LargestHalf ? LargestHalf
            : BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(value) + LostBits) & ~LostBits);
    }

    /// <summary>The scale that a rounded row has already, else the one of the least squared error.</summary>
    private static float OfOdd(ReadOnlySpan<float> row, float largest, Precision precision)
    {
        if (row.IsEmpty)
            return 0;
        int levels = precision.Levels();
        if (IsRounded(row, largest / levels, levels))
            return largest / levels;
        if (IsRounded(row, largest, levels))
            return largest;
        float wanted = precision == Precision.Int1 ? SumOfMagnitudes(row) / row.Length : OfFour(row);
        return wanted >= LargestHalf ? LargestHalf : (float)(Half)wanted;
    }

    private static float SumOfMagnitudes(ReadOnlySpan<float> row)
    {
        var sum = Vector512.Abs(RowVectors.LoadEnd(row));
        for (int at = 0; at <= row.Length - Vector512<float>.Count; at += Vector512<float>.Count)
            sum += Vector512.Abs(RowVectors.Load(row, at));
        return RowVectors.Sum(sum);
    }

    /// <summary>Int2's: of the least squared error for the codes that the best scale of normal values gives (a step of Lloyd's).</summary>
    private static float OfFour(ReadOnlySpan<float> row)
    {
        var end = RowVectors.LoadEnd(row);
        var squares = end * end;
        for (int at = 0; at <= row.Length - Vector512<float>.Count; at += Vector512<float>.Count)
            squares += RowVectors.Load(row, at) * RowVectors.Load(row, at);

        // A value whose code is 3 counts three times in the sum, and nine times among the values.
        var threshold = Vector512.Create(2 * NormalScale * MathF.Sqrt(RowVectors.Sum(squares) / row.Length));
        var magnitudes = Vector512.Abs(end);
        var areThree = Vector512.GreaterThanOrEqual(magnitudes, threshold);
        Vector512<float> sum = magnitudes + (areThree & (magnitudes * 2)), threes = areThree & Vector512<float>.One;
        for (int at = 0; at <= row.Length - Vector512<float>.Count; at += Vector512<float>.Count)
        {
            magnitudes = Vector512.Abs(RowVectors.Load(row, at));
            areThree = Vector512.GreaterThanOrEqual(magnitudes, threshold);
            sum += magnitudes + (areThree & (magnitudes * 2));
            threes += areThree & Vector512<float>.One;
        }

        return RowVectors.Sum(sum) / (row.Length + (8 * RowVectors.Sum(threes)));
    }

    private static bool IsRounded(ReadOnlySpan<float> row, float scale, int levels)
    {
        if (HalfFrom(scale) != scale)
            return false;
        foreach (float value in row)
        {
            float magnitude = MathF.Abs(value);
            if (magnitude != scale && magnitude != levels * scale)
                return false;
        }

        return true;
    }

    /// <summary>Magnitudes have the order of their bits taken as whole numbers, and what is no number comes last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float LargestMagnitude(ReadOnlySpan<float> row)
    {
        var magnitude = Vector512.Create(int.MaxValue);
        var largest = RowVectors.LoadEnd(row).AsInt32() & magnitude;
        for (int at = 0; at <= row.Length - Vector512<float>.Count; at += Vector512<float>.Count)
            largest = Vector512.Max(largest, RowVectors.Load(row, at).AsInt32() & magnitude);
        var half = Vector256.Max(largest.GetLower(), largest.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        quarter = Vector128.Max(quarter, Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1)));
        quarter = Vector128.Max(quarter, Vector128.Shuffle(quarter, Vector128.Create(1, 0, 3, 2)));
        return BitConverter.Int32BitsToSingle(quarter.ToScalar());
    }
}
