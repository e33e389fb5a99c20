namespace Bet.Engine.Data;

/// <summary>How a column of times is written. Times of two kinds do not compare.</summary>
internal enum TimeKind
{
    /// <summary>In any unit, kept as they are.</summary>
    Integers,

    /// <summary>Since 1970, with decimals; kept in nanoseconds.</summary>
    Seconds,

    /// <summary>ISO 8601, kept in milliseconds since 1970.</summary>
    Dates,
}

/// <summary>The times of all files, of one kind: that of the column's first values, or else of the first.</summary>
internal sealed class DelimitedTimes
{
    private TimeKind? kind;

    /// <summary>The kind that all values are of; null where there is none, or no value.</summary>
    public static TimeKind? KindOf(IReadOnlyCollection<byte[]> values)
    {
        foreach (var kind in values.Count > 0 ? Enum.GetValues<TimeKind>() : [])
        {
            if (values.All(value => TryParse(kind, value, out _)))
                return kind;
        }

        return null;
    }

    /// <summary>Takes the kind of a file's first values, unless a file before it, or they themselves, say none.</summary>
    public void Begin(IReadOnlyCollection<byte[]> values) => kind ??= KindOf(values);

    /// <exception cref="DataFormatException">It is not of the kind of those before.</exception>
    public long Read(ByteLines lines, ReadOnlySpan<byte> field, int column)
    {
        kind ??= KindOf([field.ToArray()]) ?? TimeKind.Dates;
        if (TryParse(kind.Value, field, out long time))
            return time;
        string expected = kind switch
        {
            TimeKind.Integers => "an integer",
            TimeKind.Seconds => "seconds since 1970",
            _ => "an integer, seconds since 1970 with decimals or an ISO 8601 date",
        };
        throw lines.Error($"{expected} as timestamp (column {column + 1})", DataFormatException.Quote(field));
    }

    private static bool TryParse(TimeKind kind, ReadOnlySpan<byte> field, out long time) => kind switch
    {
        TimeKind.Integers => FieldParser.TryInteger(field, out time),
        TimeKind.Seconds => FieldParser.TrySeconds(field, out time),
        _ => FieldParser.TryIsoTime(field, out time),
    };
}
