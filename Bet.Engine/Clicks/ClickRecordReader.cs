using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>Reads the samples of files, one record after the other, into a builder.</summary>
internal sealed class ClickRecordReader(ClickFormat format, int limit)
{
    private readonly char delimiter = format.Delimiter ?? ',';
    private readonly DelimitedTimes times = new();

    /// <summary>Null before the first file.</summary>
    public ClickBuilder? Builder { get; private set; }

    /// <summary>How the first file was understood; null before it.</summary>
    public ClickReading? Reading { get; private set; }

    /// <exception cref="DataFormatException">A record is not what the format says.</exception>
    public void Read(ByteLines lines, FilePart part)
    {
        var records = new DelimitedRecords(lines, delimiter);
        ClickColumns? columns = null;
        while (records.TryRead(out var line))
        {
            if (columns is null)
            {
                columns = Begin(records, line, lines);
                if (part == FilePart.Test)
                    Builder!.BeginTest();
                if (columns.Header)
                    continue;
            }

            if (records.Count != columns.Count)
                throw WrongCount(records, line, lines, columns);
            ReadRecord(records, line, lines, columns);
        }
    }

    private ClickColumns Begin(DelimitedRecords records, ReadOnlySpan<byte> line, ByteLines lines)
    {
        string[] fields = records.Texts(line);
        var columns = format.Kind == ClickKind.Criteo ? ClickColumns.Criteo : ClickColumns.Resolve(format, fields, lines);
        Reading ??= columns.Describe(format, fields);
        Builder ??= new ClickBuilder(columns.NumberNames, columns.FieldNames, columns.Time >= 0, limit);
        if (!columns.NumberNames.SequenceEqual(Builder.NumberNames) || !columns.FieldNames.SequenceEqual(Builder.FieldNames))
        {
            throw lines.Error(
                $"the columns of the first file: {string.Join(", ", Builder.NumberNames.Concat(Builder.FieldNames))}",
                string.Join(", ", columns.NumberNames.Concat(columns.FieldNames)));
        }

        return columns.Time >= 0 == Builder.Timed
            ? columns
            : throw lines.Error("times in all files or in none", DataFormatException.Quote(line));
    }

    private void ReadRecord(DelimitedRecords records, ReadOnlySpan<byte> line, ByteLines lines, ClickColumns columns)
    {
        byte label = ReadLabel(records.Field(line, columns.Label), lines, columns.Label);
        long time = columns.Time >= 0 ? times.Read(lines, records.Field(line, columns.Time), columns.Time) : 0;
        if (!Builder!.TryAdd(label, time, out var numbers, out var categories))
            throw lines.Error("fewer rows: the limit is reached", $"more than {Builder.Count}");
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = ReadNumber(records.Field(line, columns.Numbers[i]), lines, columns.Numbers[i]);
        for (int i = 0; i < categories.Length; i++)
            categories[i] = Builder.Category(i, records.Field(line, columns.Fields[i]));
    }

    private byte ReadLabel(ReadOnlySpan<byte> field, ByteLines lines, int column)
    {
        if (format.LabelThreshold is { } threshold)
        {
            return FieldParser.TryRating(field, out double value)
                ? (byte)(value >= threshold ? 1 : 0)
                : throw lines.Error($"a number for the label (column {column + 1})", DataFormatException.Quote(field));
        }

        return LabelParser.TryLabel(field, out byte label)
            ? label
            : throw lines.Error($"0 or 1 as label (column {column + 1})", DataFormatException.Quote(field));
    }

    /// <summary>A finite number of single precision; NaN for an empty field.</summary>
    private static float ReadNumber(ReadOnlySpan<byte> field, ByteLines lines, int column)
    {
        if (field.IsEmpty)
            return float.NaN;
        return FieldParser.TryRating(field, out double value) && float.IsFinite((float)value)
            ? (float)value
            : throw lines.Error($"a number or nothing in column {column + 1}", DataFormatException.Quote(field));
    }

    private DataFormatException WrongCount(
        DelimitedRecords records, ReadOnlySpan<byte> line, ByteLines lines, ClickColumns columns) => lines.Error(
            $"{columns.Count} columns separated by {DelimitedReader.Name(delimiter)}"
                + (format.Kind == ClickKind.Criteo ? " (the label, 13 integers and 26 categories)" : ""),
            $"{records.Count}: {DataFormatException.Quote(line)}");
}
