using Bet.Engine.Clicks;
using Bet.Engine.Data;
using static Bet.Tests.Data.TestFiles;

namespace Bet.Tests.Clicks;

public class ClickReaderTests
{
    private static readonly string Numbers = string.Join('\t', Enumerable.Range(1, 13));
    private static readonly string Hashes = string.Join('\t', Enumerable.Range(0, 26).Select(i => $"{i:x8}"));

    [Fact]
    public void ReadsCriteoWithMissingValues()
    {
        string gaps = "\t-2\t" + string.Join('\t', Enumerable.Repeat("", 11));
        string text = $"0\t{Numbers}\t{Hashes}\n1\t{gaps}\t{Hashes.Replace("00000002", "")}\n";
        var set = Read(text);
        Assert.Equal([0, 1], set.Labels);
        Assert.Equal("i1 i2 i13", $"{set.NumberNames[0]} {set.NumberNames[1]} {set.NumberNames[12]}");
        Assert.Equal("c1 c26", $"{set.FieldNames[0]} {set.FieldNames[25]}");
        Assert.Equal(Enumerable.Range(1, 13).Select(i => (float)i), set.Numbers[..13]);
        Assert.Equal(-2, set.Numbers[14]);
        Assert.Equal(12, set.Numbers[13..].Count(float.IsNaN));
        Assert.Equal(["00000002", ""], set.Ids[2]);
        Assert.Equal(["00000003"], set.Ids[3]);
        Assert.Equal(Enumerable.Range(0, 26).Select(i => i == 2 ? 1 : 0), set.Categories[26..]);
        Assert.Null(set.Times);
        Assert.Null(set.TestStart);
    }

    [Fact]
    public void ReadsDeclaredColumns()
    {
        const string text = "when;x;Label;site;note;y\n2020-01-01;0.5;TRUE;a;\"n;1\";\n2020-01-02;1e3;0;;n;-7\n";
        var format = new ClickFormat { Delimiter = ';', NumberColumns = ["y", "x"], IgnoredColumns = ["note"], TimeColumn = "when" };
        var set = Read(text, format);
        Assert.Equal([1, 0], set.Labels);
        Assert.Equal(["y", "x"], set.NumberNames);
        Assert.Equal([float.NaN, 0.5f, -7, 1000], set.Numbers);
        Assert.Equal(["site"], set.FieldNames);
        Assert.Equal(["a", ""], set.Ids[0]);
        Assert.Equal(86_400_000, set.Times![1] - set.Times[0]);
        Assert.Equal(["site", "note"], Read(text, format with { IgnoredColumns = [], CategoryColumns = ["site", "note"] }).FieldNames);
    }

    [Fact]
    public void ThresholdsPositionsAndDefaults()
    {
        const string rated = "u1,5\nu2,3.5\nu1,4\n";
        var set = Read(rated, new ClickFormat { LabelColumn = "2", LabelThreshold = 4 });
        Assert.Equal([1, 0, 1], set.Labels);
        Assert.Equal(["1"], set.FieldNames);
        Assert.Equal([0, 1, 0], set.Categories);
        Assert.Equal([1, 0], Read("click|timestamp|a\n1|7|x\n0|9|y\n").Labels);
        Assert.Equal([7, 9], Read("click|timestamp|a\n1|7|x\n0|9|y\n").Times!);
        var untimed = Read("click|timestamp|a\n1|7|x\n0|9|y\n", new ClickFormat { TimeColumn = "" });
        Assert.Equal(["timestamp", "a"], untimed.FieldNames);
        Assert.Equal(["2", "3"], Read("1,a,b\n0,c,b\n").FieldNames);
        Assert.Equal(["2"], Read("1,3,2\n0,4,2\n", new ClickFormat { LabelColumn = "1", NumberColumns = ["3"] }).FieldNames);
    }

    [Fact]
    public void SecondsWithDecimalsAreTimes()
    {
        var set = Read("label,timestamp,a\n1,1606939158.25,x\n0,1606939158,y\n");
        Assert.Equal([1606939158_250000000, 1606939158_000000000], set.Times!);
    }

    [Fact]
    public void SetsSayHowTheyWereRead()
    {
        Assert.Equal(
            new ClickReading { Format = ClickKind.Criteo, Delimiter = "tab", Header = false, LabelColumn = "1" },
            Read($"0\t{Numbers}\t{Hashes}\n1\t{Numbers}\t{Hashes}\n").Reading);
        var set = Read("a;when;Click\nx;5;1\ny;6;0\n", new ClickFormat { TimeColumn = "2" });
        var reading = new ClickReading { Format = ClickKind.Delimited, Delimiter = ";", Header = true, LabelColumn = "Click", TimeColumn = "when" };
        Assert.Equal(reading, set.Reading);
        Assert.Equal(reading, ClickSummary.Of(set).Reading);
    }

    [Fact]
    public void TrainAndTestParts()
    {
        var train = Text("train.csv", "label,a\n1,x\n0,y\n", FilePart.Train);
        var test = Text("test.csv", "label,a\n1,z\n", FilePart.Test);
        var set = ClickReader.Read([test, train], new ClickFormat());
        Assert.Equal(2, set.TestStart);
        Assert.Equal(["x", "y", "z"], set.Ids[0]);
        var other = Text("test.csv", "label,b\n1,z\n", FilePart.Test);
        Assert.Contains(
            "test.csv, line 1: expected the columns of the first file: a, found b",
            Assert.Throws<DataFormatException>(() => ClickReader.Read([train, other], new ClickFormat())).Message);
        var alone = Text("train.csv", "label,a\n1,x\n1,y\n", FilePart.Train);
        Assert.Contains(
            "train.csv: expected rows with label 0 and rows with label 1, found 2 row(s), all with label 1",
            Assert.Throws<DataFormatException>(() => ClickReader.Read([alone, Text("test.csv", "label,a\n0,x\n", FilePart.Test)], new ClickFormat())).Message);
    }

    [Theory]
    [InlineData("label,a\n1,x\n2,y\n", 3, "0 or 1 as label (column 1), found '2'")]
    [InlineData("2,x\n1,y\n", 1, "0 or 1 as label (column 1), found '2'")]
    [InlineData("label,a\n1,x\n\n,y\n", 4, "0 or 1 as label (column 1), found ''")]
    [InlineData("label,a\n1,x\n0\n", 3, "2 columns separated by ',', found 1: '0'")]
    [InlineData("label,a\n1,x\n1,y\n", 0, "found 2 row(s), all with label 1")]
    [InlineData("label,a\n0,x\n", 0, "found 1 row(s), all with label 0")]
    [InlineData("label,a\n", 0, "at least one row, found none (a header or empty lines alone)")]
    [InlineData("", 0, "at least one row, found an empty file")]
    [InlineData("user,a\n1,x\n0,x\n", 1, "a column 'label' in the header, or one named by LabelColumn, found 'user, a'")]
    [InlineData("label,a,a\n1,x,y\n", 1, "columns of different names, found 2 of the name 'a'")]
    [InlineData("label x\n1 y\n", 1, "columns separated by a tab, comma, semicolon or bar")]
    [InlineData("label,a\n1,\"x\n", 2, "a closing quote")]
    public void BadFilesAreRefused(string text, int line, string message) => Refused(text, new ClickFormat(), line, message);

    [Theory]
    [InlineData("label,n,a\n1,2,x\n0,two,x\n", 3, "a number or nothing in column 2, found 'two'")]
    [InlineData("label,n,a\n1,nan,x\n", 2, "a number or nothing in column 2, found 'nan'")]
    [InlineData("label,n,a\n1,1e39,x\n", 2, "a number or nothing in column 2, found '1e39'")]
    [InlineData("label,m,a\n1,2,x\n", 1, "column 'n' (NumberColumns) in the header, found 'label, m, a'")]
    [InlineData("label,n\n1,2\n0,3\n1,\n", null, null)]
    public void BadNumbersAreRefused(string text, int? line, string? message)
    {
        var format = new ClickFormat { NumberColumns = ["n"] };
        if (line is null)
            Assert.Equal([2, 3, float.NaN], Read(text, format).Numbers);
        else
            Refused(text, format, line.Value, message!);
    }

    [Fact]
    public void OtherErrorsNameTheirLine()
    {
        Refused($"0\t{Numbers}\t{Hashes}\n1\t{Numbers}\n", new ClickFormat(), 2, "40 columns separated by a tab (the label, 13 integers and 26 categories), found 14: ");
        Refused($"0\t{Numbers}\t{Hashes}\n2\t{Numbers}\t{Hashes}\n", new ClickFormat(), 2, "0 or 1 as label");
        Refused($"0\t{Numbers}\t{Hashes}\n1\tx{Numbers}\t{Hashes}\n", new ClickFormat(), 2, "a number or nothing in column 2, found 'x1'");
        Refused("label,a\n1,x\n", new ClickFormat { LabelColumn = "2", CategoryColumns = ["a"] }, 1, "each column to be used once, found column 2 as LabelColumn and as CategoryColumns");
        Refused("label,t,a\n1,5,x\n0,2020-01-01,x\n", new ClickFormat { TimeColumn = "t" }, 3, "an integer as timestamp (column 2)");
        Refused("4,x\nfive,y\n", new ClickFormat { LabelThreshold = 3 }, 2, "a number for the label (column 1), found 'five'");
        Refused("1,x\n0,y\n", new ClickFormat { LabelColumn = "3" }, 1, "at least 3 columns (LabelColumn)");
        Refused("label,a\n1,x\n", new ClickFormat { IgnoredColumns = ["a"] }, 1, "a column beside the label to learn from");
        var capped = Assert.Throws<DataFormatException>(() => ClickReader.Read(
            [Text("clicks.csv", "1,x\n0,y\n1,z\n")], new ClickFormat(), default, new ReadLimits(Interactions: 2)));
        Assert.Equal((3, "more than 2"), (capped.Line, capped.Found));
    }

    public static TheoryData<ClickFormat, string> Senseless => new()
    {
        { new() { Kind = (ClickKind)9 }, "Kind 9" },
        { new() { Delimiter = '"' }, "Delimiter" },
        { new() { LabelThreshold = double.NaN }, "LabelThreshold" },
        { new() { LabelColumn = "0" }, "LabelColumn has column 0" },
        { new() { NumberColumns = [" "] }, "NumberColumns has an empty name" },
        { new() { HasHeader = false, IgnoredColumns = ["x"] }, "IgnoredColumns has 'x', but without a header" },
        { new() { CategoryColumns = [] }, "both empty" },
        { new() { Kind = ClickKind.Criteo, TimeColumn = "t" }, "TimeColumn has no meaning for Criteo" },
        { new() { Kind = ClickKind.Criteo, LabelThreshold = 1 }, "LabelThreshold has no meaning" },
        { new() { Kind = ClickKind.Criteo, Delimiter = ',' }, "Delimiter has no meaning" },
        { new() { Kind = ClickKind.Criteo, HasHeader = true }, "have no header" },
    };

    [Theory]
    [MemberData(nameof(Senseless))]
    public void SenselessFormatsAreRefused(ClickFormat format, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => Read("1,x\n0,y\n", format)).Message);

    [Fact]
    public void FoldersAndGzip()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            Assert.Contains("no train, clicks, ratings or interactions file", Assert.Throws<FileNotFoundException>(
                () => ClickReader.FilesIn(folder.FullName)).Message);
            File.WriteAllBytes(Path.Combine(folder.FullName, "clicks.csv.gz"), Gzip("label,a\n1,x\n0,y\n"u8.ToArray()));
            Assert.Equal(["x", "y"], ClickReader.ReadFolder(folder.FullName).Ids[0]);
            File.WriteAllText(Path.Combine(folder.FullName, "train.csv"), "label,a\n1,p\n0,q\n");
            File.WriteAllText(Path.Combine(folder.FullName, "test.csv"), "label,a\n1,r\n");
            Assert.Equal(2, ClickReader.ReadFolder(folder.FullName).TestStart);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static ClickSet Read(string text, ClickFormat? format = null) =>
        ClickReader.Read([Text("clicks.csv", text)], format ?? new ClickFormat());

    private static void Refused(string text, ClickFormat format, int line, string message)
    {
        var error = Assert.Throws<DataFormatException>(() => Read(text, format));
        Assert.Equal(("clicks.csv", line), (error.File, error.Line));
        Assert.Contains(message, error.Message);
    }
}
