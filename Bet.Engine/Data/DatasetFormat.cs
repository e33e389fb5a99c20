using System.Globalization;

namespace Bet.Engine.Data;

public enum DatasetKind
{
    /// <summary>Told from the first lines of the first file.</summary>
    Auto,

    /// <summary>Each line a user and then the user's items, separated by spaces or tabs.</summary>
    Adjacency,

    /// <summary>Columns with a one-character delimiter, fields quoted as in RFC 4180; spaces around fields are no part of them.</summary>
    Delimited,

    /// <summary><c>user::item</c>, <c>user::item::rating</c> or <c>user::item::rating::timestamp</c>.</summary>
    MovieLens,
}

/// <summary>
/// How the files of a data set are written. A column is named by its header or by its position, counted from 1 and
/// written in digits ("2"); a header that reads the same wins over a position.
/// </summary>
public sealed record DatasetFormat
{
    public DatasetKind Kind { get; init; } = DatasetKind.Auto;

    /// <summary>One ASCII character; null: a comma, or what the first lines show where the kind is Auto.</summary>
    public char? Delimiter { get; init; }

    /// <summary>
    /// Null: a header is there if a column is named, or a name in the first line reads like a user's or an item's, or the first
    /// line has no number where all that follow it have one.
    /// </summary>
    public bool? HasHeader { get; init; }

    /// <summary>
    /// Null: the header that reads like a user's, or the first column of a file of two columns or without a header.
    /// </summary>
    public string? UserColumn { get; init; }

    /// <summary>
    /// Null: the header that reads like an item's, or the second column of a file of two columns or without a header.
    /// </summary>
    public string? ItemColumn { get; init; }

    /// <summary>Null with a threshold: the header "rating", or the third column of a file without a header.</summary>
    public string? RatingColumn { get; init; }

    /// <summary>Rows with a rating below it are left out; null: ratings are not looked at.</summary>
    public double? RatingThreshold { get; init; }

    /// <summary>
    /// Integers, or seconds since 1970 with decimals (kept in nanoseconds), or ISO 8601 dates (kept in milliseconds since 1970,
    /// UTC where no offset is given). Null: the header "timestamp" if there is one, or else "ts", "time", "unixtime",
    /// "datetime", "date", "event_time" or "event_timestamp" where the first values below it are such times; empty: none.
    /// </summary>
    public string? TimestampColumn { get; init; }

    /// <exception cref="ArgumentException">A value, or two together, make no sense; the message says which.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Kind))
            throw new ArgumentException($"Kind {(int)Kind} is none of {string.Join(", ", Enum.GetNames<DatasetKind>())}.");
        if (Delimiter is { } delimiter && (!char.IsAscii(delimiter) || delimiter is '"' or '\r' or '\n' or '\0'))
            throw new ArgumentException("Delimiter must be one ASCII character, but no quote, line end or NUL.");
        if (RatingThreshold is { } threshold && !double.IsFinite(threshold))
            throw new ArgumentException($"RatingThreshold must be a finite number, not {threshold}.");
        if (RatingColumn is not null && RatingThreshold is null)
            throw new ArgumentException("RatingColumn needs a RatingThreshold: a rating only decides if a row counts.");
        foreach (var (name, column) in new[]
            { ("UserColumn", UserColumn), ("ItemColumn", ItemColumn), ("RatingColumn", RatingColumn) })
        {
            if (column is not null && column.Trim().Length == 0)
                throw new ArgumentException($"{name} is empty: give a header or a position counted from 1.");
        }

        foreach (var (name, column) in NamedColumns())
        {
            if (IsPosition(column, out int position) && position == 0)
                throw new ArgumentException($"{name} is 0, but positions are counted from 1.");
            if (HasHeader == false && !IsPosition(column, out _))
                throw new ArgumentException($"{name} is '{column}', but without a header a column is a position (1, 2, ...).");
        }

        if (Kind is DatasetKind.Adjacency or DatasetKind.MovieLens)
            ValidateFixedColumns();
    }

    internal static bool IsPosition(string column, out int position) =>
        int.TryParse(column, NumberStyles.None, CultureInfo.InvariantCulture, out position);

    /// <summary>The columns that were given.</summary>
    internal IEnumerable<(string Property, string Column)> NamedColumns()
    {
        if (UserColumn is not null)
            yield return (nameof(UserColumn), UserColumn);
        if (ItemColumn is not null)
            yield return (nameof(ItemColumn), ItemColumn);
        if (RatingColumn is not null)
            yield return (nameof(RatingColumn), RatingColumn);
        if (!string.IsNullOrEmpty(TimestampColumn))
            yield return (nameof(TimestampColumn), TimestampColumn);
    }

    private void ValidateFixedColumns()
    {
        foreach (var (name, _) in NamedColumns())
            throw new ArgumentException($"{name} has no meaning for {Kind} files, whose columns are fixed.");
        if (Delimiter is not null)
            throw new ArgumentException($"Delimiter has no meaning for {Kind} files.");
        if (HasHeader == true)
            throw new ArgumentException($"{Kind} files have no header.");
        if (Kind == DatasetKind.Adjacency && RatingThreshold is not null)
            throw new ArgumentException("RatingThreshold has no meaning for Adjacency files, which hold no ratings.");
    }
}
