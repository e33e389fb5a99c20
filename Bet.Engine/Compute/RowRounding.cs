using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute;

/// <summary>How the values of one row are rounded; see <see cref="RowQuantiser"/>.</summary>
internal readonly struct RowRounding
{
    private readonly Precision precision;
    private readonly float scale;
    private readonly float inverse;
    private readonly float levels;

    /// <param name="row">The whole row, finite values.</param>
    /// <param name="precision">Any.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RowRounding(ReadOnlySpan<float> row, Precision precision)
    {
        this.precision = precision;
        if (!precision.HasScales())
            return;
        scale = RowScale.Of(row, precision);
        inverse = RowScale.Inverse(scale);
        levels = precision.Levels();
    }

    /// <summary>Rounds values of the row. The result, as long, may be the values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Round(ReadOnlySpan<float> values, Span<float> result)
    {
        int at = 0;
        for (; at <= values.Length - Vector512<float>.Count; at += Vector512<float>.Count)
            RowVectors.Store(Round(RowVectors.Load(values, at)), result, at);
        if (at < values.Length)
            RowVectors.StoreEnd(Round(RowVectors.LoadEnd(values)), result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Round(Vector512<float> values) => precision switch
    {
        Precision.Float32 => values,
        Precision.Float16 => RoundToHalves(values),
        Precision.Int8 or Precision.Int4 => FromCodes(Vector512.Round(values * inverse)),
        _ => FromCodes((Vector512.Floor(values * inverse * 0.5f) * 2) + Vector512<float>.One),
    };

    /// <summary>A code of -0 becomes 0, as a whole number does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> FromCodes(Vector512<float> codes)
    {
        codes = Vector512.MinNative(Vector512.MaxNative(codes, Vector512.Create(-levels)), Vector512.Create(levels));
        return (codes * scale) + Vector512<float>.Zero;
    }

    /// <summary>
    /// The nearest float16 numbers: of a magnitude in [2^e, 2^(e + 1)), e at least -14, adding 2^(e + 13) leaves a multiple
    /// of 2^(e - 10), of two equally near the even one. What is beyond the largest is infinite.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> RoundToHalves(Vector512<float> values)
    {
        const int exponents = 0x7F80_0000, leastExponent = 113 << 23, lift = 13 << 23;
        const float firstBeyond = 65520;
        var magnitudes = Vector512.Abs(values);
        var exponent = Vector512.Max(values.AsInt32() & Vector512.Create(exponents), Vector512.Create(leastExponent));
        var lifted = (exponent + Vector512.Create(lift)).AsSingle();
        var rounded = Vector512.ConditionalSelect(
            Vector512.GreaterThanOrEqual(magnitudes, Vector512.Create(firstBeyond)),
            Vector512.Create(float.PositiveInfinity), magnitudes + lifted - lifted);
        return rounded | (values & Vector512.Create(-0f));
    }
}
