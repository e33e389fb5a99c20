using System.Text;
using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>Which columns of a click file mean what, counted from 0.</summary>
internal sealed record ClickColumns
{
    internal static readonly string[] LabelNames = ["label", "click"];

    /// <summary>The first record names the columns.</summary>
    public bool Header { get; private init; }

    /// <summary>Columns of every record.</summary>
    public int Count { get; private init; }

    public int Label { get; private init; }

    /// <summary>-1 where there are no times.</summary>
    public int Time { get; private init; } = -1;

    public int[] Numbers { get; private init; } = [];

    public int[] Fields { get; private init; } = [];

    public string[] NumberNames { get; private init; } = [];

    public string[] FieldNames { get; private init; } = [];

    /// <summary>Label, 13 numbers, 26 categories.</summary>
    public static ClickColumns Criteo { get; } = new()
    {
        Count = 40,
        Numbers = [.. Enumerable.Range(1, 13)],
        Fields = [.. Enumerable.Range(14, 26)],
        NumberNames = [.. Enumerable.Range(1, 13).Select(number => $"i{number}")],
        FieldNames = [.. Enumerable.Range(1, 26).Select(number => $"c{number}")],
    };

    /// <summary>Decides from the format and the fields of the first record.</summary>
    /// <exception cref="DataFormatException">A column is not there, or means two things, or none is left to learn from.</exception>
    public static ClickColumns Resolve(ClickFormat format, string[] fields, ByteLines lines)
    {
        if (fields.Length < 2)
        {
            throw lines.Error(
                $"at least 2 columns separated by {DelimitedReader.Name(format.Delimiter ?? ',')}",
                $"1: {DataFormatException.Quote(Encoding.UTF8.GetBytes(fields[0]))}");
        }

        bool header = format.HasHeader ?? LooksLikeHeader(format, fields);
        var uses = new string?[fields.Length];
        int Use(string property, int column)
        {
            if (uses[column] is { } other)
                throw lines.Error("each column to be used once", $"column {column + 1} as {other} and as {property}");
            uses[column] = property;
            return column;
        }

        int[] Find(string property, IReadOnlyList<string> asked) =>
            [.. asked.Select(name => Use(property, DelimitedColumns.FindAsked(property, name, header, fields, lines)))];

        int label = Use(nameof(format.LabelColumn), FindLabel(format, header, fields, lines));
        int[] numbers = Find(nameof(format.NumberColumns), format.NumberColumns);
        Find(nameof(format.IgnoredColumns), format.IgnoredColumns);
        int[] declared = Find(nameof(format.CategoryColumns), format.CategoryColumns ?? []);
        int time = format.TimeColumn switch
        {
            null => header ? Array.FindIndex(fields, field => DelimitedColumns.Normalise(field) == "timestamp") : -1,
            "" => -1,
            _ => Find(nameof(format.TimeColumn), [format.TimeColumn])[0],
        };
        if (format.TimeColumn is null && time >= 0 && uses[time] is not null)
            time = -1;
        int[] categories = format.CategoryColumns is not null
            ? declared
            : [.. Enumerable.Range(0, fields.Length).Where(column => uses[column] is null && column != time)];
        if (numbers.Length + categories.Length == 0)
            throw lines.Error("a column beside the label to learn from", DelimitedColumns.List(fields));
        var columns = new ClickColumns
        {
            Header = header,
            Count = fields.Length,
            Label = label,
            Time = time,
            Numbers = numbers,
            Fields = categories,
            NumberNames = Names(numbers, header, fields),
            FieldNames = Names(categories, header, fields),
        };
        columns.CheckNames(lines);
        return columns;
    }

    /// <summary>What was decided, for people.</summary>
    public ClickReading Describe(ClickFormat format, string[] fields) => new()
    {
        Format = format.Kind,
        Delimiter = DatasetReading.Word(format.Delimiter ?? ','),
        Header = Header,
        LabelColumn = Names([Label], Header, fields)[0],
        TimeColumn = Time < 0 ? null : Names([Time], Header, fields)[0],
    };

    /// <summary>
    /// A column is asked for by name, or a field reads like a label's name, or the label in the first record is neither
    /// a number nor true or false. Positions say nothing: digits stand in many a first row.
    /// </summary>
    private static bool LooksLikeHeader(ClickFormat format, string[] fields)
    {
        if (format.NamedColumns().Any(named => !DatasetFormat.IsPosition(named.Column, out _)))
            return true;
        if (fields.Any(field => LabelNames.Contains(DelimitedColumns.Normalise(field))))
            return true;
        int label = 1;
        if (format.LabelColumn is not null)
            DatasetFormat.IsPosition(format.LabelColumn, out label);
        return label <= fields.Length && !LabelParser.IsValue(Encoding.UTF8.GetBytes(fields[label - 1]));
    }

    private static int FindLabel(ClickFormat format, bool header, string[] fields, ByteLines lines)
    {
        if (format.LabelColumn is { } asked)
            return DelimitedColumns.FindAsked(nameof(format.LabelColumn), asked, header, fields, lines);
        if (!header)
            return 0;
        foreach (string name in LabelNames)
        {
            int column = Array.FindIndex(fields, field => DelimitedColumns.Normalise(field) == name);
            if (column >= 0)
                return column;
        }

        throw lines.Error(
            $"a column '{LabelNames[0]}' in the header, or one named by LabelColumn", DelimitedColumns.List(fields));
    }

    private static string[] Names(int[] columns, bool header, string[] fields) =>
        Array.ConvertAll(columns, column => header ? fields[column].Trim() : $"{column + 1}");

    private void CheckNames(ByteLines lines)
    {
        foreach (var same in NumberNames.Concat(FieldNames).CountBy(name => name))
        {
            if (same.Value > 1)
                throw lines.Error("columns of different names", $"{same.Value} of the name '{same.Key}'");
        }
    }
}
