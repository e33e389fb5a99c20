namespace Bet.Engine.Data;

/// <summary>
/// Columns with a one-character delimiter, with or without a header; fields may be quoted as in RFC 4180 and then hold
/// delimiters, doubled quotes, line ends and outer spaces, which others lose unless the delimiter is a space. Every record
/// has as many columns as the first.
/// </summary>
internal sealed class DelimitedReader
{
    private readonly ByteLines lines;
    private readonly InteractionBuilder builder;
    private readonly DatasetFormat format;
    private readonly DelimitedRecords records;
    private DelimitedColumns columns;

    private DelimitedReader(ByteLines lines, InteractionBuilder builder, DatasetFormat format)
    {
        this.lines = lines;
        this.builder = builder;
        this.format = format;
        records = new DelimitedRecords(lines, format.Delimiter ?? ',');
    }

    /// <param name="sample">The same file's first records; null where it has none.</param>
    public static void Read(ByteLines lines, InteractionBuilder builder, DatasetFormat format, DelimitedSample? sample) =>
        new DelimitedReader(lines, builder, format).Read(sample);

    private void Read(DelimitedSample? sample)
    {
        int count = 0;
        while (records.TryRead(out var line))
        {
            if (count == 0)
            {
                count = records.Count;
                Begin(sample!, line);
                if (columns.Header)
                    continue;
            }

            records.Demand(count, line);
            ReadRow(line);
        }
    }

    private void Begin(DelimitedSample sample, ReadOnlySpan<byte> line)
    {
        columns = DelimitedColumns.Resolve(format, sample, lines);
        builder.Understand(columns.Describe(format, sample.First));
        if (!builder.AgreeOnTimestamps(columns.Timestamp >= 0))
            throw lines.Error("timestamps in all files or in none", DataFormatException.Quote(line));
        if (columns.Timestamp >= 0)
            builder.Times.Begin(sample.Below(columns.Timestamp));
    }

    private void ReadRow(ReadOnlySpan<byte> line)
    {
        long timestamp = columns.Timestamp >= 0
            ? builder.Times.Read(lines, records.Field(line, columns.Timestamp), columns.Timestamp)
            : 0;
        if (columns.Rating >= 0)
        {
            var field = records.Field(line, columns.Rating);
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
        var id = records.Field(line, column);
        return id.IsEmpty
            ? throw lines.Error($"{what} in column {column + 1}", $"an empty field: {DataFormatException.Quote(line)}")
            : id;
    }

    internal static string Name(char delimiter) => delimiter switch
    {
        '\t' => "a tab",
        ' ' => "a space",
        _ => $"'{delimiter}'",
    };
}
