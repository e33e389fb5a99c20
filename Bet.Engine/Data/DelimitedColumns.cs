using System.Text;

namespace Bet.Engine.Data;

/// <summary>Which columns of a delimited file mean what, counted from 0; -1 where there is none.</summary>
/// <param name="Header">The first record names the columns.</param>
internal readonly record struct DelimitedColumns(bool Header, int User, int Item, int Rating, int Timestamp)
{
    private static readonly string[] UserNames =
        ["user", "userid", "uid", "customer", "customerid", "visitor", "visitorid", "reviewer", "reviewerid", "member",
         "memberid", "account", "accountid", "person", "personid"];

    private static readonly string[] ItemNames =
        ["item", "itemid", "iid", "movie", "movieid", "product", "productid", "asin", "isbn", "book", "bookid", "track",
         "trackid", "song", "songid", "artist", "artistid", "business", "businessid", "location", "locationid", "poi",
         "place", "placeid", "article", "articleid", "game", "gameid"];

    /// <summary>Decides from the format and the fields of the first record.</summary>
    /// <exception cref="DataFormatException">A column that was asked for, or a user's or item's, is not there.</exception>
    public static DelimitedColumns Resolve(DatasetFormat format, string[] fields, ByteLines lines)
    {
        if (fields.Length < 2)
        {
            throw lines.Error(
                $"at least 2 columns separated by {DelimitedReader.Name(format.Delimiter ?? ',')}",
                $"1: {DataFormatException.Quote(Encoding.UTF8.GetBytes(fields[0]))}");
        }

        bool header = format.HasHeader ?? LooksLikeHeader(format, fields);
        int Column(string property, string? asked, string[] names, int fallback) =>
            Find(new Search(property, asked, names, fallback), header, fields, lines);

        int user = Column("UserColumn", format.UserColumn, UserNames, 0);
        int item = Column("ItemColumn", format.ItemColumn, ItemNames, 1);
        if (user == item)
            throw lines.Error("different columns for users and items", $"column {user + 1} for both");
        int rating = format.RatingThreshold is null
            ? -1
            : Column("RatingColumn", format.RatingColumn, ["rating", "ratings", "stars", "score"], 2);
        int timestamp = format.TimestampColumn switch
        {
            null => header ? Array.FindIndex(fields, field => Normalise(field) == "timestamp") : -1,
            "" => -1,
            _ => Column("TimestampColumn", format.TimestampColumn, [], -1),
        };
        return new DelimitedColumns(header, user, item, rating, timestamp);
    }

    /// <summary>
    /// A column is asked for by name, or a field reads like a user's or item's name, or the rating in the first
    /// record is no number.
    /// </summary>
    private static bool LooksLikeHeader(DatasetFormat format, string[] fields)
    {
        foreach (var (_, column) in format.NamedColumns())
        {
            if (!DatasetFormat.IsPosition(column, out _) || fields.Contains(column))
                return true;
        }

        if (fields.Any(field => UserNames.Contains(Normalise(field)) || ItemNames.Contains(Normalise(field))))
            return true;
        if (format.RatingThreshold is null)
            return false;
        int rating = 3;
        if (format.RatingColumn is not null)
            DatasetFormat.IsPosition(format.RatingColumn, out rating);
        return rating <= fields.Length && !FieldParser.TryRating(Encoding.UTF8.GetBytes(fields[rating - 1]), out _);
    }

    private static int Find(Search search, bool header, string[] fields, ByteLines lines)
    {
        if (search.Asked is { } asked)
            return FindAsked(search.Property, asked, header, fields, lines);
        if (!header)
        {
            return search.Fallback < fields.Length
                ? search.Fallback
                : throw lines.Error($"{search.Fallback + 1} columns ({search.Property} not given)", $"{fields.Length}");
        }

        int column = Array.FindIndex(fields, field => search.Names.Contains(Normalise(field)));
        if (column >= 0)
            return column;
        return fields.Length == 2 && search.Fallback < 2
            ? search.Fallback
            : throw lines.Error(
                $"a column like '{search.Names[0]}' in the header, or one named by {search.Property}", List(fields));
    }

    internal static int FindAsked(string property, string asked, bool header, string[] fields, ByteLines lines)
    {
        int column = header ? Array.FindIndex(fields, field => field.Trim() == asked.Trim()) : -1;
        if (column >= 0)
            return column;
        if (!DatasetFormat.IsPosition(asked, out int position))
            throw lines.Error($"column '{asked}' ({property}) in the header", List(fields));
        return position <= fields.Length
            ? position - 1
            : throw lines.Error($"at least {position} columns ({property})", $"{fields.Length}: {List(fields)}");
    }

    internal static string List(string[] fields) =>
        DataFormatException.Quote(Encoding.UTF8.GetBytes(string.Join(", ", fields)));

    /// <summary>Lower case without blanks, hyphens and underscores: "User-ID" and "user_id" read the same.</summary>
    internal static string Normalise(string field) =>
        string.Concat(field.Where(c => c is not (' ' or '_' or '-'))).ToLowerInvariant();

    /// <param name="Property">The option that names the column, for messages.</param>
    /// <param name="Asked">What that option says.</param>
    /// <param name="Names">Headers that do if it says nothing.</param>
    /// <param name="Fallback">The column of a file without a header.</param>
    private readonly record struct Search(string Property, string? Asked, string[] Names, int Fallback);
}
