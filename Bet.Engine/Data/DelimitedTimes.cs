namespace Bet.Engine.Data;

/// <summary>A column of times: integers or ISO 8601, as the first row has it; the two do not compare.</summary>
internal struct DelimitedTimes
{
    private bool? areIso;

    /// <exception cref="DataFormatException">It is not what the first row has.</exception>
    public long Read(ByteLines lines, ReadOnlySpan<byte> field, int column)
    {
        long time;
        areIso ??= !FieldParser.TryInteger(field, out _);
        bool valid = areIso.Value ? FieldParser.TryIsoTime(field, out time) : FieldParser.TryInteger(field, out time);
        if (valid)
            return time;
        string expected = areIso.Value ? "an integer or an ISO 8601 date" : "an integer";
        throw lines.Error($"{expected} as timestamp (column {column + 1})", DataFormatException.Quote(field));
    }
}
