namespace Bet.Engine.Data;

internal enum RecordState
{
    /// <summary>All fields are there.</summary>
    Whole,

    /// <summary>A quoted field goes on in the next line.</summary>
    OpenQuote,

    /// <summary>Something other than the delimiter follows a closing quote.</summary>
    TextAfterQuote,
}

/// <summary>
/// The fields of one record, as places in its bytes (RFC 4180); reused from record to record. Spaces around a field are no
/// part of it, unless the delimiter is one; what stands in quotes is kept.
/// </summary>
internal sealed class DelimitedRecord(byte delimiter)
{
    private int[] starts = new int[16];
    private int[] ends = new int[16];

    /// <summary>The field holds doubled quotes.</summary>
    private bool[] doubled = new bool[16];
    private byte[] unquoted = [];

    public int Count { get; private set; }

    public RecordState Split(ReadOnlySpan<byte> record)
    {
        Count = 0;
        bool trims = delimiter != ' ' && record.Contains((byte)' ');
        int position = 0;
        while (true)
        {
            if (trims)
                position = SkipSpaces(record, position);
            if (position < record.Length && record[position] == '"')
            {
                int end = ClosingQuote(record, position + 1, out bool hasDoubled);
                if (end < 0)
                    return RecordState.OpenQuote;
                Append(position + 1, end, hasDoubled);
                position = trims ? SkipSpaces(record, end + 1) : end + 1;
                if (position < record.Length && record[position] != delimiter)
                    return RecordState.TextAfterQuote;
            }
            else
            {
                int end = position;
                while (end < record.Length && record[end] != delimiter)
                    end++;
                Append(position, trims ? position + record[position..end].TrimEnd((byte)' ').Length : end, false);
                position = end;
            }

            if (position >= record.Length)
                return RecordState.Whole;
            position++;
        }
    }

    /// <summary>The content of a field, valid until the next call.</summary>
    public ReadOnlySpan<byte> Field(ReadOnlySpan<byte> record, int column)
    {
        var field = record[starts[column]..ends[column]];
        return doubled[column] ? Unquote(field) : field;
    }

    private static int SkipSpaces(ReadOnlySpan<byte> record, int position)
    {
        while (position < record.Length && record[position] == ' ')
            position++;
        return position;
    }

    private static int ClosingQuote(ReadOnlySpan<byte> record, int from, out bool hasDoubled)
    {
        hasDoubled = false;
        while (true)
        {
            int length = record[from..].IndexOf((byte)'"');
            if (length < 0)
                return -1;
            int quote = from + length;
            if (quote + 1 == record.Length || record[quote + 1] != '"')
                return quote;
            hasDoubled = true;
            from = quote + 2;
        }
    }

    private ReadOnlySpan<byte> Unquote(ReadOnlySpan<byte> field)
    {
        if (unquoted.Length < field.Length)
            unquoted = new byte[2 * field.Length];
        int length = 0;
        for (int i = 0; i < field.Length; i++)
        {
            unquoted[length++] = field[i];
            if (field[i] == '"')
                i++;
        }

        return unquoted.AsSpan(0, length);
    }

    private void Append(int start, int end, bool hasDoubled)
    {
        if (Count == starts.Length)
        {
            Array.Resize(ref starts, 2 * Count);
            Array.Resize(ref ends, 2 * Count);
            Array.Resize(ref doubled, 2 * Count);
        }

        starts[Count] = start;
        ends[Count] = end;
        doubled[Count++] = hasDoubled;
    }
}
