using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

public enum ClickKind
{
    /// <summary>Told from the first line of the first file.</summary>
    Auto,

    /// <summary>
    /// Label, 13 integers (named i1 to i13) and 26 hashed categories (c1 to c26), separated by tabs, without a header;
    /// an empty field is a missing one.
    /// </summary>
    Criteo,

    /// <summary>Columns with a one-character delimiter, fields quoted as in RFC 4180; spaces around fields are no part of them.</summary>
    Delimited,
}

/// <summary>
/// How the files of click data are written. A column is named by its header or by its position, counted from 1 and
/// written in digits ("2"); a header that reads the same wins over a position.
/// </summary>
public sealed record ClickFormat
{
    public ClickKind Kind { get; init; } = ClickKind.Auto;

    /// <summary>One ASCII character; null: a comma, or what the first line shows where the kind is Auto.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Null: a header is there if a column is named, or the first line reads like one.</summary>
    public bool? HasHeader { get; init; }

    /// <summary>
    /// 0 or 1, or true or false. Null: the header "label", or else "click"; the first column of a file without a header.
    /// </summary>
    public string? LabelColumn { get; init; }

    /// <summary>The label's column holds any numbers, and 1 stands for those of so much or more; null: it holds labels.</summary>
    public double? LabelThreshold { get; init; }

    /// <summary>Finite numbers; an empty field is a missing one.</summary>
    public IReadOnlyList<string> NumberColumns { get; init; } = [];

    /// <summary>Null: every column that is nothing else.</summary>
    public IReadOnlyList<string>? CategoryColumns { get; init; }

    /// <summary>Columns that are not looked at, such as the one that the label was made from.</summary>
    public IReadOnlyList<string> IgnoredColumns { get; init; } = [];

    /// <summary>
    /// Integers, or seconds since 1970 with decimals (kept in nanoseconds), or ISO 8601 dates (kept in milliseconds since 1970,
    /// UTC where no offset is given). Null: the header "timestamp" if there is one that is nothing else; empty: none.
    /// </summary>
    public string? TimeColumn { get; init; }

    /// <exception cref="ArgumentException">A value, or two together, make no sense; the message says which.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Kind))
            throw new ArgumentException($"Kind {(int)Kind} is none of {string.Join(", ", Enum.GetNames<ClickKind>())}.");
        if (Delimiter is { } delimiter && (!char.IsAscii(delimiter) || delimiter is '"' or '\r' or '\n' or '\0'))
            throw new ArgumentException("Delimiter must be one ASCII character, but no quote, line end or NUL.");
        if (LabelThreshold is { } threshold && !double.IsFinite(threshold))
            throw new ArgumentException($"LabelThreshold must be a finite number, not {threshold}.");
        foreach (var (name, column) in NamedColumns())
        {
            if (string.IsNullOrWhiteSpace(column))
                throw new ArgumentException($"{name} has an empty name: give a header or a position counted from 1.");
            if (DatasetFormat.IsPosition(column, out int position) && position == 0)
                throw new ArgumentException($"{name} has column 0, but positions are counted from 1.");
            if (HasHeader == false && !DatasetFormat.IsPosition(column, out _))
                throw new ArgumentException($"{name} has '{column}', but without a header a column is a position (1, 2, ...).");
        }

        if (CategoryColumns is { Count: 0 } && NumberColumns.Count == 0)
            throw new ArgumentException("NumberColumns and CategoryColumns are both empty: a label alone can teach nothing.");
        if (Kind == ClickKind.Criteo)
            ValidateCriteo();
    }

    /// <summary>The columns that were given, with the option that gives each.</summary>
    internal IEnumerable<(string Property, string Column)> NamedColumns()
    {
        if (LabelColumn is not null)
            yield return (nameof(LabelColumn), LabelColumn);
        foreach (string column in NumberColumns)
            yield return (nameof(NumberColumns), column);
        foreach (string column in CategoryColumns ?? [])
            yield return (nameof(CategoryColumns), column);
        foreach (string column in IgnoredColumns)
            yield return (nameof(IgnoredColumns), column);
        if (!string.IsNullOrEmpty(TimeColumn))
            yield return (nameof(TimeColumn), TimeColumn);
    }

    private void ValidateCriteo()
    {
        foreach (var (name, _) in NamedColumns())
            throw new ArgumentException($"{name} has no meaning for Criteo files, whose columns are fixed.");
        if (CategoryColumns is not null)
            throw new ArgumentException("CategoryColumns has no meaning for Criteo files, whose columns are fixed.");
        if (LabelThreshold is not null)
            throw new ArgumentException("LabelThreshold has no meaning for Criteo files, whose label is 0 or 1.");
        if (Delimiter is not (null or '\t'))
            throw new ArgumentException("Delimiter has no meaning for Criteo files, which have tabs.");
        if (HasHeader == true)
            throw new ArgumentException("Criteo files have no header.");
    }
}
