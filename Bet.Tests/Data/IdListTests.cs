using System.Security.Cryptography;
using System.Text;
using Bet.Engine.Data;

namespace Bet.Tests.Data;

public class IdListTests
{
    private static readonly string[] Odd = ["", "a", "ü", "日本語", "🙂", new string('x', 130), new string('ä', 40_000), "a"];

    [Fact]
    public void IdsComeBackByNumberAndInOrder()
    {
        IdList ids = [.. Odd];
        Assert.Equal(Odd.Length, ids.Count);
        Assert.Equal(Odd, ids);
        Assert.Equal("日本語", ids[3]);
        Assert.Equal("ü"u8, ids.Utf8(2));
        Assert.Equal(["a", "", "🙂"], ids.InOrder([7, 0, 4]));
        Assert.Equal(Odd.Sum(Encoding.UTF8.GetByteCount) + (4 * Odd.Length), ids.Bytes);
        Assert.Empty((IdList)[]);
    }

    [Fact]
    public void NumbersCountFromOne() =>
        Assert.Equal(["1", "10", "2147483648"], IdList.CountingFromOne([0, 9, int.MaxValue]));

    /// <summary>The hash of ids is that of BinaryWriter's strings, whatever their lengths and wherever chunks end.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20_000)]
    public void TheSplitHashIsOverLengthsAndBytes(int copies)
    {
        string[] users = [.. Enumerable.Range(0, copies).Select(i => $"user {i}"), .. copies > 0 ? Odd : []];
        var part = new Interactions(1, 1, [0, 1], [0]);
        var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (string[] ids in new[] { users, Odd })
        {
            writer.Write(ids.Length);
            foreach (string id in ids)
                writer.Write(id);
        }

        for (int i = 0; i < 3; i++)
        {
            foreach (int value in new[] { 2, 0, 1, 1, 0 })
                writer.Write(value);
        }

        writer.Flush();
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray())),
            SplitHash.Of([.. users], [.. Odd], part, part, part));
    }
}
