namespace Bet.Engine.Data;

/// <summary>
/// The MovieLens files with "::" between fields: user, item, and optionally rating and timestamp. The first line
/// says how many fields the others have.
/// </summary>
internal static class MovieLensReader
{
    private const string Layout = "user::item, user::item::rating or user::item::rating::timestamp";

    public static void Read(ByteLines lines, InteractionBuilder builder, double? threshold)
    {
        int columns = 0;
        Span<Range> fields = stackalloc Range[5];
        while (lines.TryRead(out var line))
        {
            if (line.IsEmpty)
                continue;
            int count = Split(line, fields);
            if (columns == 0)
                columns = Begin(lines, builder, count, threshold, line);
            if (count != columns)
            {
                throw lines.Error(
                    $"{columns} fields separated by '::'", $"{Describe(count)}: {DataFormatException.Quote(line)}");
            }

            ReadRow(lines, builder, threshold, line, fields[..count]);
        }
    }

    private static int Begin(
        ByteLines lines, InteractionBuilder builder, int count, double? threshold, ReadOnlySpan<byte> line)
    {
        if (count is < 2 or > 4)
            throw lines.Error(Layout, DataFormatException.Quote(line));
        if (threshold is not null && count == 2)
            throw lines.Error("a rating in field 3, for the threshold", DataFormatException.Quote(line));
        if (!builder.AgreeOnTimestamps(count == 4))
            throw lines.Error("timestamps in all files or in none", DataFormatException.Quote(line));
        builder.Understand(new DatasetReading
        {
            Format = DatasetKind.MovieLens,
            UserColumn = "1",
            ItemColumn = "2",
            RatingColumn = threshold is null ? null : "3",
            TimestampColumn = count == 4 ? "4" : null,
        });
        return count;
    }

    private static void ReadRow(
        ByteLines lines, InteractionBuilder builder, double? threshold, ReadOnlySpan<byte> line, Span<Range> fields)
    {
        if (line[fields[0]].IsEmpty || line[fields[1]].IsEmpty)
            throw lines.Error("a user and an item", $"an empty field: {DataFormatException.Quote(line)}");
        double rating = 0;
        if (fields.Length > 2 && !FieldParser.TryRating(line[fields[2]], out rating))
            throw lines.Error("a number as rating (field 3)", DataFormatException.Quote(line[fields[2]]));
        long timestamp = 0;
        if (fields.Length > 3 && !FieldParser.TryInteger(line[fields[3]], out timestamp))
            throw lines.Error("an integer as timestamp (field 4)", DataFormatException.Quote(line[fields[3]]));
        if (rating < threshold)
        {
            builder.BelowThreshold++;
            return;
        }

        if (!builder.TryAdd(builder.User(line[fields[0]]), builder.Item(line[fields[1]]), timestamp))
            throw lines.Error("fewer interactions: the limit is reached", $"more than {builder.Count}");
    }

    /// <summary>Fields of a line, at most as many as <paramref name="fields"/> holds.</summary>
    private static int Split(ReadOnlySpan<byte> line, Span<Range> fields)
    {
        int start = 0;
        for (int count = 0; ; count++)
        {
            int length = line[start..].IndexOf("::"u8);
            if (length < 0 || count == fields.Length - 1)
            {
                fields[count] = start..line.Length;
                return count + 1;
            }

            fields[count] = start..(start + length);
            start += length + 2;
        }
    }

    private static string Describe(int count) => count == 5 ? "5 or more" : $"{count}";
}
