using System.Text;
using System.Text.RegularExpressions;
using Bet.Engine.Clicks;

namespace Bet.Engine.Data;

/// <summary>Which columns of a delimited file mean what, counted from 0; -1 where there is none.</summary>
/// <param name="Header">The first record names the columns.</param>
internal readonly partial record struct DelimitedColumns(bool Header, int User, int Item, int Rating, int Timestamp)
{
    private const int ListLength = 500;

    internal static readonly string[] UserNames =
        ["user", "userid", "uid", "customer", "customerid", "visitor", "visitorid", "reviewer", "reviewerid", "member",
         "memberid", "account", "accountid", "person", "personid"];

    internal static readonly string[] ItemNames =
        ["item", "itemid", "iid", "movie", "movieid", "product", "productid", "asin", "isbn", "book", "bookid", "track",
         "trackid", "song", "songid", "artist", "artistid", "business", "businessid", "location", "locationid", "poi",
         "place", "placeid", "article", "articleid", "game", "gameid"];

    private static readonly string[] RatingNames = ["rating", "ratings", "stars", "score"];

    /// <summary>Beside "timestamp", and taken only where times stand below; those first that say more than a day.</summary>
    private static readonly string[] TimeNames =
        ["unixtime", "eventtimestamp", "eventtime", "datetime", "ts", "time", "date"];

    /// <summary>Decides from the format and a file's first records.</summary>
    /// <exception cref="DataFormatException">
    /// A column that was asked for is not there, a header does not tell the user's or the item's, or there are labels of 0 and 1
    /// and nothing says what they mean.
    /// </exception>
    public static DelimitedColumns Resolve(DatasetFormat format, DelimitedSample sample, ByteLines lines)
    {
        string[] fields = sample.First;
        if (fields.Length < 2)
        {
            throw lines.Error(
                $"at least 2 columns separated by {DelimitedReader.Name(format.Delimiter ?? ',')}",
                $"1: {DataFormatException.Quote(Encoding.UTF8.GetBytes(fields[0]))}");
        }

        bool header = format.HasHeader ?? LooksLikeHeader(format, sample);
        int Find(string property, string? asked, string[] names) => asked is not null
            ? FindAsked(property, asked, header, fields, lines)
            : header ? FindNamed(names, fields) : -1;

        var (user, item) = UserAndItem(
            Find("UserColumn", format.UserColumn, UserNames), Find("ItemColumn", format.ItemColumn, ItemNames), header, fields, lines);
        if (user == item)
            throw lines.Error("different columns for users and items", $"column {user + 1} for both");
        int rating = -1;
        if (format.RatingThreshold is not null)
            rating = RatingColumn(Find("RatingColumn", format.RatingColumn, RatingNames), header, fields, lines);
        int timestamp = format.TimestampColumn switch
        {
            null => header ? FindTimes(sample, [user, item, rating]) : -1,
            "" => -1,
            _ => FindAsked("TimestampColumn", format.TimestampColumn, header, fields, lines),
        };
        var columns = new DelimitedColumns(header, user, item, rating, timestamp);
        if (header && format.RatingThreshold is null)
            columns.RefuseLabels(sample, lines);
        return columns;
    }

    /// <summary>What was decided, for people.</summary>
    public DatasetReading Describe(DatasetFormat format, string[] fields)
    {
        bool header = Header;
        string? Name(int column) => column < 0 ? null : header ? fields[column].Trim() : $"{column + 1}";
        return new DatasetReading
        {
            Format = DatasetKind.Delimited,
            Delimiter = DatasetReading.Word(format.Delimiter ?? ','),
            Header = Header,
            UserColumn = Name(User),
            ItemColumn = Name(Item),
            RatingColumn = Name(Rating),
            TimestampColumn = Name(Timestamp),
        };
    }

    /// <summary>
    /// A column is asked for by name, or a field reads like a user's or item's name, or the rating in the first
    /// record is no number, or only below the first record stand numbers. Positions say nothing: digits stand in many a
    /// first row.
    /// </summary>
    private static bool LooksLikeHeader(DatasetFormat format, DelimitedSample sample)
    {
        string[] fields = sample.First;
        if (format.NamedColumns().Any(named => !DatasetFormat.IsPosition(named.Column, out _)))
            return true;
        if (FindNamed(UserNames, fields) >= 0 || FindNamed(ItemNames, fields) >= 0 || NamesNumbers(sample))
            return true;
        if (format.RatingThreshold is null)
            return false;
        int rating = 3;
        if (format.RatingColumn is not null)
            DatasetFormat.IsPosition(format.RatingColumn, out rating);
        return rating <= fields.Length && !FieldParser.TryRating(Encoding.UTF8.GetBytes(fields[rating - 1]), out _);
    }

    /// <summary>The first record has no number or date, but below one of its fields stands nothing else.</summary>
    private static bool NamesNumbers(DelimitedSample sample)
    {
        static bool IsValue(byte[] field) => FieldParser.TryRating(field, out _) || FieldParser.TryIsoTime(field, out _);
        if (sample.First.Any(field => IsValue(Encoding.UTF8.GetBytes(field))))
            return false;
        return Enumerable.Range(0, sample.First.Length).Any(column =>
            sample.First[column].Length > 0 && sample.Below(column) is { Length: > 0 } below && below.All(IsValue));
    }

    /// <summary>Of two columns what is no user is an item; without a header the first column is the user, the second the item.</summary>
    private static (int User, int Item) UserAndItem(int user, int item, bool header, string[] fields, ByteLines lines)
    {
        if (user >= 0 && item >= 0)
            return (user, item);
        if (fields.Length == 2)
            return user >= 0 ? (user, 1 - user) : item >= 0 ? (1 - item, item) : (0, 1);
        if (!header)
            return (user >= 0 ? user : 0, item >= 0 ? item : 1);
        string would = (user, item) switch
        {
            ( < 0, < 0) => "a user and an item among the columns, or userColumn and itemColumn to say which they are",
            ( < 0, _) => "a user among the columns, or userColumn to say which it is",
            _ => "an item among the columns, or itemColumn to say which it is",
        };
        throw lines.Error($"{would} (by name or position; header=false where these are no names)", List(fields));
    }

    private static int RatingColumn(int found, bool header, string[] fields, ByteLines lines)
    {
        if (found >= 0)
            return found;
        if (header)
            throw lines.Error($"a column like '{RatingNames[0]}' in the header, or one named by RatingColumn", List(fields));
        return fields.Length > 2 ? 2 : throw lines.Error("3 columns (RatingColumn not given)", $"{fields.Length}");
    }

    private static int FindTimes(DelimitedSample sample, int[] used)
    {
        int certain = FindNamed(["timestamp"], sample.First);
        return TimeNames
            .Select(name => FindNamed([name], sample.First))
            .Where(column => column >= 0 && DelimitedTimes.KindOf(sample.Below(column)) is not null)
            .Prepend(certain)
            .FirstOrDefault(column => column >= 0 && !used.Contains(column), -1);
    }

    /// <summary>Interactions that did not happen are no interactions, so nobody should have them by mistake.</summary>
    private void RefuseLabels(DelimitedSample sample, ByteLines lines)
    {
        int label = FindNamed(ClickColumns.LabelNames, sample.First);
        if (label < 0 || label == User || label == Item || label == Timestamp)
            return;
        var values = sample.Below(label)
            .Select(field => FieldParser.TryRating(field, out double value) ? value : double.NaN).ToHashSet();
        if (!values.SetEquals([0, 1]))
            return;
        string name = sample.First[label].Trim();
        throw lines.Error(
            $"to be told what '{name}' means, which is 0 or 1: ratingColumn={name}&ratingThreshold=1 for interactions of 1 alone, "
                + $"ratingThreshold=0 for all, or labelColumn={name} for click data",
            List(sample.First));
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
        DataFormatException.Quote(Encoding.UTF8.GetBytes(string.Join(", ", fields)), ListLength);

    /// <summary>
    /// Lower case without blanks, hyphens, underscores and dots, and without RecBole's types: "User-ID", "user.id" and
    /// "user_id:token" read the same.
    /// </summary>
    internal static string Normalise(string field) =>
        string.Concat(RecBoleType().Replace(field.Trim(), "").Where(c => c is not (' ' or '_' or '-' or '.'))).ToLowerInvariant();

    private static int FindNamed(string[] names, string[] fields) =>
        Array.FindIndex(fields, field => names.Contains(Normalise(field)));

    [GeneratedRegex(":(token|float)(_seq)?$")]
    private static partial Regex RecBoleType();
}
