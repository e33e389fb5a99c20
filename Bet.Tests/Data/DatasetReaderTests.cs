using System.Text;
using Bet.Engine.Data;
using static Bet.Tests.Data.TestFiles;

namespace Bet.Tests.Data;

public class DatasetReaderTests
{
    [Fact]
    public void ReadsMovieLensRatings()
    {
        const string text = "1::1193::5::978300760\n1::661::3::978302109\n2::1193::4::978298413\n";
        var set = Read(text, new DatasetFormat { RatingThreshold = 4 });
        Assert.Equal(["1/1193", "2/1193"], Pairs(set));
        Assert.Equal([978300760, 978298413], set.Timestamps!);
        Assert.Equal(1, set.BelowThreshold);
    }

    [Theory]
    [InlineData("1::2::3::4\n1::2::3\n", 2, "4 fields separated by '::', found 3: '1::2::3'")]
    [InlineData("1::2::3::4::5\n", 1, "user::item::rating::timestamp")]
    [InlineData("1::2::x::4\n", 1, "a number as rating (field 3), found 'x'")]
    [InlineData("1::2::3::4\n1::3::3::y\n", 2, "an integer as timestamp (field 4), found 'y'")]
    [InlineData("1::::3\n", 1, "a user and an item")]
    public void BadMovieLensLines(string text, int line, string message)
    {
        var error = Refused(text);
        Assert.Equal(line, error.Line);
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\r\n\n")]
    [InlineData("\uFEFF")]
    public void EmptyFilesAreRefused(string text)
    {
        foreach (var kind in Enum.GetValues<DatasetKind>())
        {
            var error = Refused(text, new DatasetFormat { Kind = kind });
            Assert.Contains("expected at least one interaction", error.Message);
        }
    }

    [Theory]
    [InlineData(new byte[] { (byte)'1', (byte)',', 0, 7 }, "a NUL byte")]
    [InlineData(new byte[] { (byte)'1', (byte)',', 0xE9, (byte)'\n' }, "not UTF-8")]
    [InlineData(new byte[] { (byte)'P', (byte)'K', 3, 4, 0, 0 }, "ZIP")]
    [InlineData(new byte[] { 0xFF, 0xFE, (byte)'1', 0 }, "UTF-16")]
    public void BinaryFilesAreRefused(byte[] content, string found)
    {
        foreach (var kind in Enum.GetValues<DatasetKind>())
        {
            var error = Assert.Throws<DataFormatException>(
                () => DatasetReader.Read([Bytes("data.bin", content)], new DatasetFormat { Kind = kind }));
            Assert.Contains(found, error.Message);
            Assert.Equal(1, error.Line);
        }
    }

    [Fact]
    public void InvalidTextInTheMiddleIsFoundOnItsLine()
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("12,34\n", 100_000)));
        bytes[6 * 77_000] = 0xC3;
        var error = Assert.Throws<DataFormatException>(
            () => DatasetReader.Read([Bytes("r.csv", bytes)], new DatasetFormat()));
        Assert.Equal(77_001, error.Line);
    }

    [Fact]
    public void GzipIsToldByItsBytesAndNeedsNoPosition()
    {
        var plain = Encoding.UTF8.GetBytes("user,item\nä,1\nb,2\n");
        var packed = Gzip(plain);
        foreach (var content in new[] { plain, packed })
        {
            var file = new DatasetFile("named.csv", () => new Dripping(content));
            Assert.Equal(["ä/1", "b/2"], Pairs(DatasetReader.Read([file], new DatasetFormat())));
        }
    }

    [Fact]
    public void GzipMayHaveSeveralMembersAndAnOpenLastLine()
    {
        byte[] packed = [.. Gzip("1,2\n3"u8.ToArray()), .. Gzip(",4\n5,6"u8.ToArray()), .. Gzip([])];
        Assert.Equal(["1/2", "3/4", "5/6"], Pairs(DatasetReader.Read([Bytes("r", packed)], new DatasetFormat())));
        Assert.Contains("an empty file", Assert.Throws<DataFormatException>(
            () => DatasetReader.Read([Bytes("r", Gzip([]))], new DatasetFormat())).Message);
    }

    [Fact]
    public void DamagedGzipIsRefused()
    {
        var random = new Random(2);
        var packed = Gzip(Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Range(0, 20_000).Select(_ => $"{random.Next()},{random.Next()}\n"))));
        foreach (int missing in new[] { 1, 3, 8, 9, 100, packed.Length / 2, packed.Length - 3 })
        {
            var error = Assert.Throws<DataFormatException>(
                () => DatasetReader.Read([Bytes("r.gz", packed[..^missing])], new DatasetFormat()));
            Assert.Contains("expected a whole gzip file", error.Message);
        }

        packed.AsSpan(packed.Length / 2, 200).Fill(0xFF);
        Assert.Throws<DataFormatException>(() => DatasetReader.Read([Bytes("r.gz", packed)], new DatasetFormat()));
    }

    [Fact]
    public void ExpansionLinesAndInteractionsAreCapped()
    {
        var bomb = Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("1,2\n", 1_000_000))));
        Assert.True(bomb.Length < 50_000);
        void Refuses(byte[] content, ReadLimits limits, string message) => Assert.Contains(
            message,
            Assert.Throws<DataFormatException>(
                () => DatasetReader.Read([Bytes("r", content)], new DatasetFormat(), default, limits)).Message);
        Refuses(bomb, new ReadLimits(ExpandedBytes: 1_000_000), "at most 1000000 bytes");
        Refuses(bomb, new ReadLimits(Interactions: 1000), "the limit is reached");
        Refuses(Gzip(new byte[1_000_000]), new ReadLimits(LineBytes: 1 << 16), "lines of at most 65536 bytes");
    }

    [Fact]
    public void ReadingCanBeCancelled()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => DatasetReader.Read([Text("r", "1,2\n")], new DatasetFormat(), cancellation.Token));
    }

    [Fact]
    public void AutoTellsAdjacencyFromTabSeparatedColumns()
    {
        Assert.Equal(["1/2", "1/3", "4/5"], Pairs(Read("1\t2\t3\n4\t5\n")));
        Assert.Equal(["1/2", "4/5"], Pairs(Read("1\t2\t3\n4\t5\t6\n")));
        Assert.Contains("choose the kind", Refused("some words here\n").Message);
    }

    public static TheoryData<string[], char> Triples => new()
    {
        { ["1 31 5", "1 1029 3", "2 31 4"], ' ' },
        { ["1 31 3 1260759144", "2 31 4 1260759179"], ' ' },
        { ["3 31 40", "1 31 12", "2 10 17"], ' ' },
        { ["5 6 7"], ' ' },
        { [.. Enumerable.Range(1, 30).Select(user => $"{user} {100 + user} {user % 5}")], ' ' },
        { [.. Enumerable.Range(1, 30).Select(user => $"{user} {100 + user} {1_260_000_000 + user}")], ' ' },
        { [.. Enumerable.Range(1, 30).Select(user => $"{user / 2} {100 + user} {200 + user}")], ' ' },
        { [.. Enumerable.Range(1, 30).Select(user => $"{user}\t{100 + user}\t{200 + user}")], '\t' },
    };

    [Theory]
    [MemberData(nameof(Triples))]
    public void TriplesAndListsOfOneLengthAreToldApartOrAskedFor(string[] lines, char blank)
    {
        string text = string.Join('\n', lines);
        int columns = lines[0].Split(blank).Length;
        string delimiter = blank == ' ' ? "space" : "tab";
        Assert.Equal(
            $"ratings.csv, line 1: expected to be told what lines of {columns} integers each are: format=adjacency for a user and then its items, "
                + $"or format=delimited&delimiter={delimiter} for a user, an item and a rating or a time, found '{lines[0].Replace('\t', ' ')}'",
            Refused(text).Message);
        Assert.Equal(
            lines.Select(line => string.Join('/', line.Split(blank)[..2])),
            Pairs(Read(text, new DatasetFormat { Kind = DatasetKind.Delimited, Delimiter = blank })));
        Assert.Equal((columns - 1) * lines.Length, Pairs(Read(text, new DatasetFormat { Kind = DatasetKind.Adjacency })).Length);
    }

    [Theory]
    [InlineData(2, ' ')]
    [InlineData(3, ' ')]
    [InlineData(5, ' ')]
    [InlineData(2, '\t')]
    public void ListsOfOneLengthAreReadWhereTheyCanBeNothingElse(int length, char blank)
    {
        string text = string.Join('\n', Enumerable.Range(0, 30).Select(user =>
            string.Join(blank, Enumerable.Range(0, length).Select(place => place == 0 ? user : (user * 7) + place))));
        Assert.Equal(30 * (length - 1), Read(text).Count);
    }

    [Fact]
    public void ColumnsBetweenTabsAreNamedOrRated()
    {
        string text = string.Join('\n', Enumerable.Range(1, 30).Select(user => $"{user}\t{100 + user}\t{200 + user}"));
        Assert.Equal(30, Read(text, new DatasetFormat { UserColumn = "1" }).Count);
        Assert.Equal(30, Read(text, new DatasetFormat { HasHeader = false }).Count);
        Assert.Equal(20, Read(text, new DatasetFormat { RatingThreshold = 211 }).Count);
    }

    [Fact]
    public void SetsSayHowTheyWereRead()
    {
        var files = new[] { Text("train", "item;user;ts\n1;2;3\n", FilePart.Train), Text("test", "ts;user;item\n1;3;3\n", FilePart.Test) };
        var reading = DatasetReader.Read(files, new DatasetFormat()).Reading!;
        var columns = new DatasetReading
        {
            Format = DatasetKind.Delimited,
            Delimiter = ";",
            Header = true,
            UserColumn = "user",
            ItemColumn = "item",
            TimestampColumn = "ts",
        };
        Assert.Equal(columns, reading);
        Assert.Equal(
            new DatasetReading { Format = DatasetKind.Delimited, Delimiter = "tab", UserColumn = "1", ItemColumn = "2", RatingColumn = "3" },
            Read("a\tx\t5\n", new DatasetFormat { RatingThreshold = 4 }).Reading);
        Assert.Equal(new DatasetReading { Format = DatasetKind.Adjacency }, Read("1 2 3 4 5\n").Reading);
        Assert.Equal(
            new DatasetReading { Format = DatasetKind.MovieLens, UserColumn = "1", ItemColumn = "2", TimestampColumn = "4" },
            Read("1::2::3::4\n").Reading);
        var set = Read("user,item\n1,2\n");
        Assert.Equal(set.Reading, DatasetSummary.Of(set).Reading);
    }

    [Fact]
    public void PartsThatDoNotFitAreRefused()
    {
        var format = new DatasetFormat();
        Assert.Throws<ArgumentException>(() => DatasetReader.Read([], format));
        Assert.Throws<ArgumentException>(() => DatasetReader.Read([Text("t", "1 2", FilePart.Test)], format));
        Assert.Throws<ArgumentException>(
            () => DatasetReader.Read([Text("t", "1 2", FilePart.Test), Text("a", "1 3")], format));
    }

    [Fact]
    public void TimestampsAreInAllFilesOrInNone()
    {
        var error = Assert.Throws<DataFormatException>(() => DatasetReader.Read(
            [Text("train", "user,item,timestamp\n1,2,3\n", FilePart.Train), Text("test", "user,item\n1,3\n", FilePart.Test)],
            new DatasetFormat()));
        Assert.Equal("test", error.File);
        Assert.Contains("timestamps in all files or in none", error.Message);
    }

    public static TheoryData<DatasetFormat, string> Senseless => new()
    {
        { new() { Kind = (DatasetKind)9 }, "Kind" },
        { new() { Delimiter = '"' }, "Delimiter" },
        { new() { Delimiter = '→' }, "Delimiter" },
        { new() { RatingThreshold = double.NaN }, "RatingThreshold" },
        { new() { RatingColumn = "rating" }, "RatingThreshold" },
        { new() { UserColumn = " " }, "UserColumn" },
        { new() { ItemColumn = "0" }, "counted from 1" },
        { new() { HasHeader = false, UserColumn = "user" }, "UserColumn" },
        { new() { Kind = DatasetKind.MovieLens, UserColumn = "1" }, "UserColumn" },
        { new() { Kind = DatasetKind.Adjacency, RatingThreshold = 3 }, "RatingThreshold" },
        { new() { Kind = DatasetKind.Adjacency, HasHeader = true }, "header" },
        { new() { Kind = DatasetKind.Adjacency, Delimiter = ',' }, "Delimiter" },
    };

    [Theory]
    [MemberData(nameof(Senseless), DisableDiscoveryEnumeration = true)]
    public void SenselessFormatsAreRefused(DatasetFormat format, string named) =>
        Assert.Contains(named, Assert.Throws<ArgumentException>(format.Validate).Message);

    [Fact]
    public void FoldersAreRecognised()
    {
        string folder = Directory.CreateTempSubdirectory("bet-data-").FullName;
        try
        {
            Assert.Throws<FileNotFoundException>(() => DatasetReader.ReadFolder(folder));
            File.WriteAllText(Path.Combine(folder, "ratings.csv"), "user,item\n1,2\n");
            Assert.Equal(["1/2"], Pairs(DatasetReader.ReadFolder(folder)));
            File.WriteAllBytes(Path.Combine(folder, "train.txt.gz"), Gzip("5 6\n"u8.ToArray()));
            Assert.Null(DatasetReader.ReadFolder(folder).TestStart);
            File.WriteAllText(Path.Combine(folder, "test.txt"), "5 7\n");
            var set = DatasetReader.ReadFolder(folder);
            Assert.Equal(["5/6", "5/7"], Pairs(set));
            Assert.Equal(1, set.TestStart);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
