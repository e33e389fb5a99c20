using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Bet.Engine.Data;

/// <summary>Numbers and times in UTF-8 fields. Blanks around them are allowed, anything else is not.</summary>
internal static class FieldParser
{
    private static readonly double[] PowersOfTen =
        [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>A finite number.</summary>
    public static bool TryRating(ReadOnlySpan<byte> field, out double rating) =>
        TryShortDecimal(field, out rating)
        || (double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out rating)
            && double.IsFinite(rating));

    public static bool TryInteger(ReadOnlySpan<byte> field, out long value)
    {
        field = field.Trim(" \t"u8);
        return Utf8Parser.TryParse(field, out value, out int used) && used == field.Length;
    }

    /// <summary>Seconds since 1970 with decimals, as nanoseconds; up to the year 2262.</summary>
    public static bool TrySeconds(ReadOnlySpan<byte> field, out long nanoseconds)
    {
        const decimal most = long.MaxValue / 1e9m;
        bool valid = decimal.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal seconds)
            && Math.Abs(seconds) <= most;
        nanoseconds = valid ? (long)(seconds * 1e9m) : 0;
        return valid;
    }

    /// <summary>An ISO 8601 date or date and time as milliseconds since 1970; UTC where it has no offset.</summary>
    public static bool TryIsoTime(ReadOnlySpan<byte> field, out long milliseconds)
    {
        milliseconds = 0;
        field = field.Trim(" \t"u8);
        if (field.Length is < 10 or > 40 || field[4] != '-' || field[7] != '-' || !char.IsAsciiDigit((char)field[0]))
            return false;
        bool valid = DateTimeOffset.TryParse(
            Encoding.UTF8.GetString(field),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time);
        milliseconds = time.ToUnixTimeMilliseconds();
        return valid;
    }

    /// <summary>
    /// Digits with at most one point, 15 at most: digits and power of ten are then exact doubles, and their quotient
    /// is the correctly rounded value.
    /// </summary>
    private static bool TryShortDecimal(ReadOnlySpan<byte> field, out double value)
    {
        value = 0;
        if (field.Length is 0 or > 16)
            return false;
        long digits = 0;
        int count = 0;
        int point = -1;
        for (int i = 0; i < field.Length; i++)
        {
            uint digit = (uint)(field[i] - '0');
            if (digit <= 9)
            {
                digits = (10 * digits) + digit;
                count++;
            }
            else if (field[i] == '.' && point < 0)
            {
                point = i;
            }
            else
            {
                return false;
            }
        }

        if (count is 0 or > 15)
            return false;
        value = digits / PowersOfTen[point < 0 ? 0 : field.Length - 1 - point];
        return true;
    }
}
