using Bet.Engine.Data;
using static Bet.Tests.Data.TestFiles;

namespace Bet.Tests.Data;

public class DelimitedReaderTests
{
    private static readonly DatasetFormat Delimited = new() { Kind = DatasetKind.Delimited };

    [Fact]
    public void ReadsMovieLensCsvByItsHeader()
    {
        var set = Read("userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n1,1029,3.0,1260759179\n2,31,4,5\n");
        Assert.Equal(["1/31", "1/1029", "2/31"], Pairs(set));
        Assert.Equal([1260759144, 1260759179, 5], set.Timestamps!);
    }

    [Theory]
    [InlineData("a,x\nb,y\n", ',')]
    [InlineData("a;x\nb;y\n", ';')]
    [InlineData("a\tx\nb\ty", '\t')]
    [InlineData("a|x\r\nb|y\r\n", '|')]
    [InlineData("\uFEFFa,x\n\n\nb,y\n\n", ',')]
    public void TellsTheDelimiterAndReadsWithoutHeader(string text, char delimiter)
    {
        Assert.Equal(["a/x", "b/y"], Pairs(Read(text)));
        Assert.Equal(["a/x", "b/y"], Pairs(Read(text, Delimited with { Delimiter = delimiter })));
    }

    [Fact]
    public void QuotedFieldsHoldDelimitersQuotesAndLineEnds()
    {
        var set = Read("user,item\n\"Doe, Jane\",\"say \"\"hi\"\"\"\n\"two\r\nlines\",本\n\"\"\"q\",\"x\"\n");
        Assert.Equal(["Doe, Jane/say \"hi\"", "two\r\nlines/本", "\"q/x"], Pairs(set));
    }

    [Fact]
    public void IdsAreKeptAsTheyAre()
    {
        string composed = "é";
        string decomposed = "e\u0301";
        var set = Read($"user,item\n007,{composed}\n7,{decomposed}\n\" 7\",{composed}\n", Delimited);
        Assert.Equal(["007", "7", " 7"], set.UserIds);
        Assert.Equal([composed, decomposed], set.ItemIds);
    }

    [Theory]
    [InlineData("user, item\n107, 49\n 107  ,50 \n", "107/49 107/50")]
    [InlineData("user\titem\n107\t 49\n", "107/49")]
    [InlineData("user | item\n\" 107\" | \" a | b \"\n", " 107/ a | b ")]
    [InlineData("a b, c d\n", "a b/c d")]
    public void SpacesAroundFieldsAreNoPartOfThemButInQuotes(string text, string pairs) =>
        Assert.Equal(pairs, string.Join(' ', Pairs(Read(text))));

    [Fact]
    public void WhereASpaceIsTheDelimiterEachEndsAField()
    {
        var format = Delimited with { Delimiter = ' ' };
        Assert.Equal(["1/2"], Pairs(Read("1 2\n", format)));
        Assert.Contains("an item in column 2", Refused("1  2\n", format).Message);
    }

    [Fact]
    public void ColumnsByNameAndByPosition()
    {
        const string text = "label\trating\tuser\titem\n1\t5\tu1\ti1\n0\t3\tu1\ti2\n";
        Assert.Equal(["u1/i1", "u1/i2"], Pairs(Read(text)));
        Assert.Equal(["i1/u1", "i2/u1"], Pairs(Read(text, Delimited with
        {
            Delimiter = '\t',
            UserColumn = "item",
            ItemColumn = "3",
        })));
        Assert.Equal(["5/1", "3/0"], Pairs(Read(text, new DatasetFormat { UserColumn = "2", ItemColumn = "label" })));
    }

    [Fact]
    public void RatingsBelowTheThresholdAreLeftOutAndCounted()
    {
        var set = Read("user,item,stars\na,x,4\nb,y,3.9\na,z,4e0\na,w,-1\n", new DatasetFormat { RatingThreshold = 4 });
        Assert.Equal(["a/x", "a/z"], Pairs(set));
        Assert.Equal(["a"], set.UserIds);
        Assert.Equal(2, set.BelowThreshold);
    }

    [Fact]
    public void ANonNumericRatingInTheFirstLineMeansAHeader()
    {
        var format = new DatasetFormat { UserColumn = "1", ItemColumn = "2", RatingColumn = "3", RatingThreshold = 3 };
        Assert.Equal(["a/x"], Pairs(Read("who,what,how\na,x,5\nb,y,1\n", format)));
        Assert.Equal(["a/x"], Pairs(Read("a,x,5\nb,y,1\n", format)));
    }

    [Fact]
    public void IsoTimesAndTheEarliestOfRepeats()
    {
        var set = Read("user,item,timestamp\na,x,2020-01-01T00:00:02Z\na,x,2020-01-01\nb,x,1970-01-01 00:00:01\n");
        Assert.Equal(["a/x", "b/x"], Pairs(set));
        Assert.Equal([1577836800000, 1000], set.Timestamps!);
        Assert.Equal(1, set.Duplicates);
    }

    [Fact]
    public void AnEmptyTimestampColumnMeansNone()
    {
        var set = Read("user,item,timestamp\na,x,soon\n", new DatasetFormat { TimestampColumn = "" });
        Assert.Null(set.Timestamps);
    }

    [Fact]
    public void ABadLineIsNamedWithItsNumber()
    {
        var error = Refused("user,item,rating\n" + string.Concat(Enumerable.Repeat("1,2,3\n", 15)) + "4711\n");
        Assert.Equal("ratings.csv, line 17: expected 3 columns separated by ',', found 1: '4711'", error.Message);
        Assert.Equal("ratings.csv", error.File);
        Assert.Equal(17, error.Line);
        Assert.Equal("3 columns separated by ','", error.Expected);
    }

    [Theory]
    [InlineData("user,item\na,x\nb,\n", 3, "an item in column 2")]
    [InlineData("user,item\n\n\n,x\n", 4, "a user in column 1")]
    [InlineData("user,item\n ,x\n", 2, "a user in column 1")]
    [InlineData("user,item\n \"a\" b,x\n", 2, "the line's end after a closing quote")]
    [InlineData("user,item\n\"a\nb\",x\nc,y,z\n", 4, "2 columns")]
    [InlineData("user,item\na,x\n\"b,y\nc,z\n", 3, "a closing quote")]
    [InlineData("user,item\n\"a\"b,x\n", 2, "the line's end after a closing quote")]
    [InlineData("user,item,timestamp\na,x,12\na,y,2020-01-01\n", 3, "an integer as timestamp (column 3)")]
    [InlineData("user,item,timestamp\na,x,2020-01-01\na,y,01/02/2020\n", 3, "ISO 8601")]
    [InlineData("user,item,timestamp\na,x,99999999999999999999\n", 2, "an integer or an ISO 8601 date")]
    public void BadLines(string text, int line, string expected)
    {
        var error = Refused(text);
        Assert.Equal(line, error.Line);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("NaN")]
    [InlineData("1e999")]
    [InlineData("")]
    [InlineData("1.2.3")]
    public void BadRatings(string rating)
    {
        var error = Refused($"user,item,rating\na,x,5\nb,y,{rating}\n", new DatasetFormat { RatingThreshold = 1 });
        Assert.Equal(3, error.Line);
        Assert.Contains($"expected a number as rating (column 3), found '{rating}'", error.Message);
    }

    [Theory]
    [InlineData("who,what,when\n1,2,3\n", "UserColumn")]
    [InlineData("user,what,when\n1,2,3\n", "ItemColumn")]
    public void AHeaderWithoutAUserOrItemIsRefused(string text, string property)
    {
        var error = Refused(text, Delimited with { HasHeader = true });
        Assert.Equal(1, error.Line);
        Assert.Contains(property, error.Message);
    }

    [Fact]
    public void AColumnThatIsNotThereIsRefused()
    {
        Assert.Contains("column 'client'", Refused("a,b\n1,2\n", Delimited with { UserColumn = "client" }).Message);
        Assert.Contains("at least 7 columns", Refused("a,b\n1,2\n", Delimited with { ItemColumn = "7" }).Message);
        Assert.Contains("different columns", Refused("a,b\n1,2\n", Delimited with { ItemColumn = "1" }).Message);
    }

    [Fact]
    public void NothingToReadIsRefused()
    {
        Assert.Contains("a header or empty lines alone", Refused("user,item\n").Message);
        Assert.Contains(
            "found 2 ratings, all below", Refused("1,2,3\n1,3,2\n", new DatasetFormat { RatingThreshold = 4 }).Message);
    }

    [Fact]
    public void RowsMatchAPlainSplitAcrossBuffers()
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 60_000)
            .Select(i => $"u{random.Next(5000)},i{random.Next(900)},{random.Next(1, 6)}")
            .ToArray();
        var expected = rows.Where(row => row[^1] >= '3').Select(row => row.Split(','))
            .Select(fields => $"{fields[0]}/{fields[1]}").Distinct().ToArray();
        var set = Read(string.Join("\r\n", rows), new DatasetFormat { RatingThreshold = 3 });
        Assert.Equal(expected, Pairs(set));
        Assert.Equal(rows.Count(row => row[^1] < '3'), set.BelowThreshold);
        Assert.Equal(rows.Length, set.Count + set.Duplicates + set.BelowThreshold);
    }
}
