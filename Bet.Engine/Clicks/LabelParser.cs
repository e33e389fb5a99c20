using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>Labels in UTF-8 fields.</summary>
internal static class LabelParser
{
    /// <summary>0 or 1, however the number is written, or true or false in any case.</summary>
    public static bool TryLabel(ReadOnlySpan<byte> field, out byte label)
    {
        label = 0;
        if (field.Length == 1)
        {
            label = (byte)(field[0] - '0');
            return label <= 1;
        }

        if (IsWord(field, "true"))
            label = 1;
        else if (FieldParser.TryRating(field, out double value) && value is 0 or 1)
            label = (byte)value;
        else
            return IsWord(field, "false");
        return true;
    }

    /// <summary>A finite number, or true or false.</summary>
    public static bool IsValue(ReadOnlySpan<byte> field) => TryLabel(field, out _) || FieldParser.TryRating(field, out _);

    private static bool IsWord(ReadOnlySpan<byte> field, string word) =>
        System.Text.Ascii.EqualsIgnoreCase(field.Trim(" \t"u8), word);
}
