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
        const string text = "kind\trating\tuser\titem\n1\t5\tu1\ti1\n0\t3\tu1\ti2\n";
        Assert.Equal(["u1/i1", "u1/i2"], Pairs(Read(text)));
        Assert.Equal(["i1/u1", "i2/u1"], Pairs(Read(text, Delimited with
        {
            Delimiter = '\t',
            UserColumn = "item",
            ItemColumn = "3",
        })));
        Assert.Equal(["5/1", "3/0"], Pairs(Read(text, new DatasetFormat { UserColumn = "2", ItemColumn = "kind" })));
    }

    [Fact]
    public void PositionsMakeNoHeaderOfTheirDigits()
    {
        var format = new DatasetFormat { UserColumn = "1", ItemColumn = "2" };
        Assert.Equal(["2/1", "3/2"], Pairs(Read("2,1,5\n3,2,4\n", format)));
        Assert.Equal(["1/2"], Pairs(Read("2,1,5\n2,1,4\n", format with { HasHeader = true })));
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
    [InlineData("user,item,timestamp\na,x,99999999999999999999\n", 2, "an integer, seconds since 1970 with decimals or an ISO 8601 date as timestamp")]
    [InlineData("user,item,timestamp\na,x,1.5\na,y,2020-01-01\n", 3, "seconds since 1970 as timestamp (column 3)")]
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
    [InlineData("device_id,app_id\n7,3\n8,3\n", "7/3 8/3")]
    [InlineData("author,paper\n0007,3\n", "0007/3")]
    [InlineData("user.id,item.id\na,x\n", "a/x")]
    [InlineData("item,who\nx,a\n", "a/x")]
    [InlineData("item.id,seen by\n1,2\n3,4\n", "2/1 4/3")]
    [InlineData("who,when\nann,2024-05-01\nbob,2024-05-02\n", "ann/2024-05-01 bob/2024-05-02")]
    [InlineData("user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t881250949\n", "196/242")]
    [InlineData("genre:token_seq|item_id:token|score:float|user_id:token\nx y|242|3|196\n", "196/242")]
    public void UnfamiliarHeadersAreToldByWhatStandsBelow(string text, string pairs) =>
        Assert.Equal(pairs, string.Join(' ', Pairs(Read(text))));

    [Theory]
    [InlineData("ann,tea\nbob,rum\n", "ann/tea bob/rum")]
    [InlineData("B0007,31\n12,31\n13,40\n", "B0007/31 12/31 13/40")]
    [InlineData("ann,tea,\nbob,rum,5\n", "ann/tea bob/rum")]
    [InlineData("ann,tea,5\n7,8,5\n", "ann/tea 7/8")]
    public void DataAreNoHeader(string text, string pairs) =>
        Assert.Equal(pairs, string.Join(' ', Pairs(Read(text))));

    /// <summary>Where nothing but letters stands anywhere, header says it.</summary>
    [Fact]
    public void HeadersOverWordsAreSaid()
    {
        Assert.Equal(["who/what", "ann/tea"], Pairs(Read("who,what\nann,tea\n")));
        Assert.Equal(["ann/tea"], Pairs(Read("who,what\nann,tea\n", new DatasetFormat { HasHeader = true })));
        Assert.Equal(["who/what", "1/2"], Pairs(Read("who,what\n1,2\n", new DatasetFormat { HasHeader = false })));
    }

    [Theory]
    [InlineData("ts,device_id,app_id\n1606939158,7,3\n", "a user and an item among the columns, or userColumn and itemColumn to say which they are (by name or position")]
    [InlineData("user,what,when\n1,2,3\n", "an item among the columns, or itemColumn to say which it is")]
    [InlineData("who,item,when\n1,2,3\n", "a user among the columns, or userColumn to say which it is")]
    public void AHeaderWithoutAUserOrItemIsRefused(string text, string message)
    {
        foreach (var format in new[] { new DatasetFormat(), Delimited with { Delimiter = ',', HasHeader = true } })
        {
            var error = Refused(text, format);
            Assert.Equal(1, error.Line);
            Assert.Contains(message, error.Expected);
            Assert.Equal($"'{text[..text.IndexOf('\n')].Replace(",", ", ")}'", error.Found);
        }

        Assert.Equal(["7/3"], Pairs(Read("ts,device_id,app_id\n5,7,3\n", new DatasetFormat { UserColumn = "device_id", ItemColumn = "3" })));
        Assert.Equal(["7/3"], Pairs(Read("ts,device_id,app_id\n5,7,3\n", new DatasetFormat { UserColumn = "2", ItemColumn = "3" })));
    }

    [Theory]
    [InlineData("user,item,label\na,x,1\na,y,0\n", "label")]
    [InlineData("user_id:token,item_id:token,label:float\na,x,1.0\na,y,0.0\n", "label:float")]
    [InlineData("Click,user,item\n0,a,x\n1,a,y\n", "Click")]
    public void LabelsThatNothingIsSaidOfAreRefused(string text, string label)
    {
        var error = Refused(text);
        Assert.Equal(1, error.Line);
        Assert.Contains($"ratingColumn={label}&ratingThreshold=1 for interactions of 1 alone", error.Expected);
        Assert.Contains($"labelColumn={label} for click data", error.Expected);
        Assert.Single(Pairs(Read(text, new DatasetFormat { RatingColumn = label, RatingThreshold = 1 })));
        Assert.Equal(2, Read(text, new DatasetFormat { RatingColumn = label, RatingThreshold = 0 }).Count);
    }

    [Theory]
    [InlineData("user,item,label\na,x,1\na,y,1\n")]
    [InlineData("user,item,label\na,x,1\na,y,2\n")]
    [InlineData("user,item,label\na,x,1\na,y,new\n")]
    public void OtherLabelsMeanNothing(string text) => Assert.Equal(["a/x", "a/y"], Pairs(Read(text)));

    [Theory]
    [InlineData("ts", "5")]
    [InlineData("Time", "1970-01-01T00:00:00.005Z")]
    [InlineData("unixTime", "5")]
    [InlineData("datetime", "1970-01-01 00:00:00.005")]
    [InlineData("date", "1970-01-01T00:00:00.005Z")]
    [InlineData("event_time", "5")]
    [InlineData("event_timestamp:float", "0.000000005")]
    public void TimesAreFoundByTheirHeader(string name, string time) =>
        Assert.Equal([5], Read($"user,{name},item\na,{time},x\n").Timestamps!);

    [Fact]
    public void WhatIsNoTimeOrAnotherColumnIsNotReadAsOne()
    {
        Assert.Null(Read("user,item,time\na,x,evening\nb,x,5\n").Timestamps);
        Assert.Null(Read("user,item,date\na,x,\nb,x,2020-01-01\n").Timestamps);
        Assert.Null(Read("user,date\na,2020-01-01\n", new DatasetFormat { ItemColumn = "date" }).Timestamps);
        Assert.Null(Read("user,item,ts\na,x,5\n", new DatasetFormat { TimestampColumn = "" }).Timestamps);
        Assert.Equal([7], Read("user,item,time,timestamp\na,x,5,7\n").Timestamps!);
        Assert.Equal([7], Read("user,item,date,ts\na,x,2020-01-01,7\n").Timestamps!);
        Assert.Equal([86_400_000], Read("user,item,time,date\na,x,12:30,1970-01-02\n").Timestamps!);
    }

    [Fact]
    public void SecondsWithDecimalsKeepTheirOrder()
    {
        const string text = "user,item,timestamp\na,x,1606939158\na,y,1606939158.2512345\na,z,1606939158.2512347\na,w,1.60693915825E9\n";
        Assert.Equal(
            [1606939158_000000000, 1606939158_251234500, 1606939158_251234700, 1606939158_250000000], Read(text).Timestamps!);
        Assert.Equal(
            "ratings.csv, line 3: expected seconds since 1970 as timestamp (column 3), found '1e10'",
            Refused("user,item,timestamp\na,x,1.5\na,y,1e10\n").Message);
    }

    [Fact]
    public void TheTimesOfAllFilesAreOfOneKind()
    {
        var error = Assert.Throws<DataFormatException>(() => DatasetReader.Read(
            [Text("train", "user,item,timestamp\n1,2,3\n", FilePart.Train), Text("test", "user,item,timestamp\n1,3,4.5\n", FilePart.Test)],
            new DatasetFormat()));
        Assert.Equal("test, line 2: expected an integer as timestamp (column 3), found '4.5'", error.Message);
    }

    [Fact]
    public void AColumnThatIsNotThereIsRefused()
    {
        Assert.Contains("column 'client'", Refused("a,b\n1,2\n", Delimited with { UserColumn = "client" }).Message);
        Assert.Contains("at least 7 columns", Refused("a,b\n1,2\n", Delimited with { ItemColumn = "7" }).Message);
        Assert.Contains("different columns", Refused("1,2,3\n", Delimited with { ItemColumn = "1" }).Message);
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
