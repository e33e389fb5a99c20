using System.Buffers.Binary;
using System.Security.Cryptography;
using Bet.Engine.Clicks;
using Bet.Tests.Data;

namespace Bet.Tests.Clicks;

public class ClickFilesTests
{
    private static readonly ClickSet Plain = SyntheticClicks.Generate(new SyntheticClickOptions([30, 3, 200, 9], 3, 500, Seed: 8));

    private static readonly ClickSet Timed = Plain with
    {
        Numbers = [.. Plain.Numbers.Select((x, i) => (i % 5) switch { 0 => x, 1 => -0f, 2 => 0.1f * i, 3 => -1e30f, _ => 1 << 24 })],
        Times = [.. Plain.Labels.Select((_, i) => i % 2 == 0 ? long.MinValue : i)],
        TestStart = 400,
    };

    private static readonly PreparedClicks Prepared =
        ClickSplitter.Split(Plain, new ClickSplitOptions(ClickSplitKind.Random, MinimumCount: 2), 2);

    [Fact]
    public void ClickSetsComeBack()
    {
        foreach (var set in new[] { Plain, Timed })
        {
            var bytes = Bytes(set);
            var back = ClickSetFile.Read(new MemoryStream(bytes));
            Assert.Equivalent(set, back, strict: true);
            Assert.Equal(set.Numbers.Select(BitConverter.SingleToInt32Bits), back.Numbers.Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(bytes, Bytes(back));
        }
    }

    [Fact]
    public void PreparedClicksComeBack()
    {
        var bytes = Bytes(Prepared);
        var back = PreparedClicksFile.Read(new MemoryStream(bytes));
        Assert.Equivalent(Prepared, back, strict: true);
        Assert.Equal(bytes, Bytes(back));
    }

    /// <summary>More samples than one block holds.</summary>
    [Fact]
    public void LargeOnesComeBack()
    {
        var set = SyntheticClicks.Generate(new SyntheticClickOptions([5000, 4], 1, 150_000, Seed: 9));
        set = set with { Times = [.. Enumerable.Range(0, set.Count).Select(i => 1_000_000_000L + i)] };
        var back = ClickSetFile.Read(new MemoryStream(Bytes(set)));
        Assert.Equal(set.Labels, back.Labels);
        Assert.Equal(set.Categories, back.Categories);
        Assert.Equal(set.Times, back.Times);
        var split = ClickSplitter.Split(back, new ClickSplitOptions(), 0);
        var read = PreparedClicksFile.Read(new MemoryStream(Bytes(split)));
        Assert.Equal(split.SplitHash, read.SplitHash);
        Assert.Equal(split.Test.Numbers, read.Test.Numbers);
    }

    [Fact]
    public void FilesAreCompact() => Assert.True(Bytes(Plain).Length < (500 * (1 + 3 + 4 + 1)) + (240 * 9) + 300);

    [Fact]
    public void EveryChangedByteAndEveryCutIsFound()
    {
        DamagedFiles.AreRefused(Bytes(Timed), stream => ClickSetFile.Read(stream), apart: 29);
        DamagedFiles.AreRefused(Bytes(Prepared), stream => PreparedClicksFile.Read(stream), apart: 29);
    }

    [Fact]
    public void WhatIsWrongIsSaid()
    {
        void Says(string message, byte[] content) => Assert.Contains(
            message, Assert.Throws<InvalidDataException>(() => ClickSetFile.Read(new MemoryStream(content))).Message);
        Says("does not begin with 'BETC'", Bytes(Prepared));
        Says("cut off", Bytes(Plain)[..^1]);
        Says("is not in [0, 30)", Bytes(Plain with { Categories = [.. Plain.Categories[..^4], 30, .. Plain.Categories[^3..]], Ids = [[.. Plain.Ids[0].Take(30)], .. Plain.Ids.Skip(1)] }));
        Says("neither 0 nor 1", Bytes(Plain with { Labels = [2, .. Plain.Labels[1..]] }));
        Assert.Contains("split hash", Assert.Throws<InvalidDataException>(
            () => PreparedClicksFile.Read(new MemoryStream(Bytes(Prepared with { Test = Prepared.Validation })))).Message);
    }

    [Fact]
    public void ForgedPayloadsAreRefusedNotCrashed()
    {
        DamagedFiles.WithCorrectHashesEndNothing(Bytes(Timed), stream => ClickSetFile.Read(stream), Forge, rounds: 1000);
        DamagedFiles.WithCorrectHashesEndNothing(Bytes(Prepared), stream => PreparedClicksFile.Read(stream), Forge, rounds: 1000);
    }

    /// <summary>Changes some bytes of the head or of the first block and puts its hash right.</summary>
    private static byte[] Forge(byte[] file, Random random)
    {
        const int header = 16 + SHA256.HashSizeInBytes;
        var forged = file.ToArray();
        int start = random.Next(2) == 0 ? 0 : header + (int)BinaryPrimitives.ReadUInt64LittleEndian(forged.AsSpan(8));
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(forged.AsSpan(start + 8));
        var payload = forged.AsSpan(start + header, length);
        for (int change = 0; change < 3; change++)
            payload[random.Next(random.Next(2) == 0 ? Math.Min(60, length) : length)] = DamagedFiles.AnyByte(random);
        SHA256.HashData(payload, forged.AsSpan(start + 16));
        return forged;
    }

    private static byte[] Bytes(ClickSet set) => DamagedFiles.Written(stream => ClickSetFile.Write(stream, set));

    private static byte[] Bytes(PreparedClicks clicks) => DamagedFiles.Written(stream => PreparedClicksFile.Write(stream, clicks));
}
