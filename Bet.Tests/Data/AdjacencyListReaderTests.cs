using System.Text;
using Bet.Engine.Data;
using static Bet.Tests.Data.TestFiles;

namespace Bet.Tests.Data;

public class AdjacencyListReaderTests
{
    private static readonly DatasetFormat Adjacency = new() { Kind = DatasetKind.Adjacency };

    [Fact]
    public void ReadsUsersAndTheirItems()
    {
        var set = Read("7 1 2\t3\r\n\n9  2 \n11\n");
        Assert.Equal(["7", "9", "11"], set.UserIds);
        Assert.Equal(["1", "2", "3"], set.ItemIds);
        Assert.Equal(["7/1", "7/2", "7/3", "9/2"], Pairs(set));
        Assert.Null(set.TestStart);
        Assert.Null(set.Timestamps);
    }

    [Fact]
    public void MergesRepeatsAndKeepsFirstAppearance()
    {
        var set = Read("1 5 6 5\n2 5\n1 6 7\n");
        Assert.Equal(["1/5", "1/6", "2/5", "1/7"], Pairs(set));
        Assert.Equal(2, set.Duplicates);
    }

    [Fact]
    public void TestItemsThatTrainHasAreDropped()
    {
        var set = DatasetReader.Read(
            [Text("test.txt", "1 3 9\n2 4\n", FilePart.Test), Text("train.txt", "1 3 4\n2 3\n", FilePart.Train)],
            Adjacency);
        Assert.Equal(["1/3", "1/4", "2/3", "1/9", "2/4"], Pairs(set));
        Assert.Equal(3, set.TestStart);
        Assert.Equal(1, set.Duplicates);
    }

    [Fact]
    public void TestPartMayBeAllRepeats()
    {
        var set = DatasetReader.Read(
            [Text("train.txt", "1 3\n", FilePart.Train), Text("test.txt", "1 3\n", FilePart.Test)], Adjacency);
        Assert.Equal(1, set.TestStart);
        Assert.Equal(1, set.Count);
    }

    [Fact]
    public void AnyStringIsAnIdWhenTheKindIsGiven() =>
        Assert.Equal(["ana/höhle", "ana/本"], Pairs(Read("ana höhle 本\n", Adjacency)));

    [Fact]
    public void ManyLinesAcrossBuffersAndGrowingMapsMatchAPlainSplit()
    {
        var random = new Random(5);
        var text = new StringBuilder();
        for (int user = 0; user < 3000; user++)
        {
            text.Append($"user-{user}-{new string('x', random.Next(20))}");
            for (int item = 0; item < random.Next(1, 60); item++)
                text.Append($" {random.Next(1_000_000)}");
            text.Append('\n');
        }

        var expected = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .SelectMany(words => words.Skip(1).Select(item => $"{words[0]}/{item}"))
            .Distinct()
            .ToArray();
        Assert.Equal(expected, Pairs(Read(text.ToString(), Adjacency)));
        var packed = Gzip(Encoding.UTF8.GetBytes(text.ToString()));
        Assert.Equal(expected, Pairs(DatasetReader.Read([Bytes("data", packed)], Adjacency)));
    }

    [Fact]
    public void OneLineMayBeLongerThanTheBuffer()
    {
        string line = "u " + string.Join(' ', Enumerable.Range(0, 100_000));
        Assert.Equal(100_000, Read(line + "\n" + line, Adjacency).Count);
    }

    [Fact]
    public void LinesWithoutItemsAreRefused()
    {
        var error = Refused("1\n2\n", Adjacency, "train.txt");
        Assert.Equal("train.txt: expected at least one interaction, found 2 line(s) of at most one id each, "
            + "without items behind the user", error.Message);
    }
}
