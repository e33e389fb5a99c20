using System.Text;

namespace Bet.Engine.Data;

/// <summary>
/// Columns with a one-character delimiter, with or without a header; fields may be quoted as in RFC 4180 and then hold
/// delimiters, doubled quotes and line ends. Every record has as many columns as the first.
/// </summary>
internal sealed class DelimitedReader
{
    private readonly ByteLines lines;
    private readonly InteractionBuilder builder;
    private readonly DatasetFormat format;
    private readonly char delimiter;
    private readonly DelimitedRecord record;
    private DelimitedColumns columns;
    private bool? timesAreIso;

    private DelimitedReader(ByteLines lines, InteractionBuilder builder, DatasetFormat format)
    {
        this.lines = lines;
        this.builder = builder;
        this.format = format;
        delimiter = format.Delimiter ?? ',';
        record = new DelimitedRecord((byte)delimiter);
    }

    public static void Read(ByteLines lines, InteractionBuilder builder, DatasetFormat format) =>
        new DelimitedReader(lines, builder, format).Read();

    private void Read()
    {
        int count = 0;
        while (TryReadRecord(out var line))
        {
            if (count == 0)
            {
                count = record.Count;
                columns = DelimitedColumns.Resolve(format, Texts(line), lines);
                if (!builder.AgreeOnTimestamps(columns.Timestamp >= 0))
                    throw lines.Error("timestamps in all files or in none", DataFormatException.Quote(line));
                if (columns.Header)
                    continue;
            }

            if (record.Count != count)
            {
                throw lines.Error(
                    $"{count} columns separated by {Name(delimiter)}",
                    $"{record.Count}: {DataFormatException.Quote(line)}");
            }

            ReadRow(line);
        }
    }

    /// <summary>The next record that is not an empty line, split.</summary>
    private bool TryReadRecord(out ReadOnlySpan<byte> line)
    {
        while (lines.TryRead(out line))
        {
            if (line.IsEmpty)
                continue;
            var state = record.Split(line);
            if (state == RecordState.OpenQuote)
                state = ExtendToClosingQuote(ref line);
            if (state == RecordState.TextAfterQuote)
            {
                throw lines.Error(
                    $"{Name(delimiter)} or the line's end after a closing quote", DataFormatException.Quote(line));
            }

            return true;
        }

        return false;
    }

    /// <summary>
    /// Joins lines up to the next one with an odd number of quotes: in a well-formed file the open field, or one that
    /// opens after it in the same line, ends there. So a record is split twice at most, however long it is.
    /// </summary>
    private RecordState ExtendToClosingQuote(ref ReadOnlySpan<byte> line)
    {
        var state = RecordState.OpenQuote;
        ReadOnlySpan<byte> added, joined;
        while (lines.TryExtend(out added, out joined))
        {
            if (added.Count((byte)'"') % 2 == 0)
                continue;
            line = joined;
            state = record.Split(line);
            break;
        }

        return state == RecordState.OpenQuote
            ? throw lines.Error("a closing quote for each opening one", "a quoted field without its end")
            : state;
    }

    private void ReadRow(ReadOnlySpan<byte> line)
    {
        long timestamp = columns.Timestamp >= 0 ? ReadTimestamp(record.Field(line, columns.Timestamp)) : 0;
        if (columns.Rating >= 0)
        {
            var field = record.Field(line, columns.Rating);
            if (!FieldParser.TryRating(field, out double rating))
                throw lines.Error($"a number as rating (column {columns.Rating + 1})", DataFormatException.Quote(field));
            if (rating < format.RatingThreshold)
            {
                builder.BelowThreshold++;
                return;
            }
        }

        int user = builder.User(Id(line, columns.User, "a user"));
        int item = builder.Item(Id(line, columns.Item, "an item"));
        if (!builder.TryAdd(user, item, timestamp))
            throw lines.Error("fewer interactions: the limit is reached", $"more than {builder.Count}");
    }

    private ReadOnlySpan<byte> Id(ReadOnlySpan<byte> line, int column, string what)
    {
        var id = record.Field(line, column);
        return id.IsEmpty
            ? throw lines.Error($"{what} in column {column + 1}", $"an empty field: {DataFormatException.Quote(line)}")
            : id;
    }

    /// <summary>Integers or ISO 8601, as the first row has it; the two do not compare.</summary>
    private long ReadTimestamp(ReadOnlySpan<byte> field)
    {
        long timestamp;
        timesAreIso ??= !FieldParser.TryInteger(field, out _);
        bool valid = timesAreIso.Value
            ? FieldParser.TryIsoTime(field, out timestamp)
            : FieldParser.TryInteger(field, out timestamp);
        if (valid)
            return timestamp;
        string expected = timesAreIso.Value ? "an integer or an ISO 8601 date" : "an integer";
        throw lines.Error($"{expected} as timestamp (column {columns.Timestamp + 1})", DataFormatException.Quote(field));
    }

    private string[] Texts(ReadOnlySpan<byte> line)
    {
        var texts = new string[record.Count];
        for (int column = 0; column < texts.Length; column++)
            texts[column] = Encoding.UTF8.GetString(record.Field(line, column));
        return texts;
    }

    internal static string Name(char delimiter) => delimiter switch
    {
        '\t' => "a tab",
        ' ' => "a space",
        _ => $"'{delimiter}'",
    };
}
