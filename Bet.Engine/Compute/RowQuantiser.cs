namespace Bet.Engine.Compute;

/// <summary>
/// Rounds a row to a <see cref="Precision"/>: value = scale * code, with a scale in float16, two bytes. Int8 and int4
/// take the smallest scale that the row's largest value needs, and ties go to the even code; int2 and int1, whose few
/// codes cannot reach that far, the scale of the least squared error, found from the one for normal values (Max, IRE
/// Trans. 1960), and cut off what lies beyond. Rounding what was rounded changes nothing. Training, packing and reading
/// all go by these functions.
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
    public static Half Scale(ReadOnlySpan<float> row, Precision precision) => (Half)RowScale.Of(row, precision);

    /// <summary>The row's codes and scale, of a precision that has scales.</summary>
    /// <param name="row">Finite values.</param>
    /// <param name="precision">One that has scales.</param>
    /// <param name="codes">As long as the row.</param>
    public static Half Encode(ReadOnlySpan<float> row, Precision precision, Span<sbyte> codes)
    {
        float scale = RowScale.Of(row, precision), inverse = RowScale.Inverse(scale), levels = precision.Levels();
        bool odd = precision.HasOddCodes();
        for (int i = 0; i < row.Length; i++)
            codes[i] = (sbyte)Code(row[i] * inverse, levels, odd);
        return (Half)scale;
    }

    /// <summary>The row as it is read again: what decoding what it is encoded to gives. The result may be the row.</summary>
    public static void Round(ReadOnlySpan<float> row, Precision precision, Span<float> result) =>
        new RowRounding(row, precision).Round(row, result[..row.Length]);

    private static float Code(float value, float levels, bool odd) =>
        Math.Clamp(odd ? (MathF.Floor(value * 0.5f) * 2) + 1 : MathF.Round(value), -levels, levels);
}
