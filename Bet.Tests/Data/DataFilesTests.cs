using System.Buffers.Binary;
using System.Security.Cryptography;
using Bet.Engine.Data;

namespace Bet.Tests.Data;

public class DataFilesTests
{
    private static readonly InteractionSet Timed =
        SyntheticData.Generate(new SyntheticOptions(60, 50, 900, Seed: 8)) with { TestStart = 500, Duplicates = 3 };

    private static readonly PreparedDataset Prepared = Splitter.Split(Timed, new SplitOptions(SplitKind.Random), 2);

    public static TheoryData<string> Sets => ["timed", "plain", "odd"];

    [Theory]
    [MemberData(nameof(Sets))]
    public void InteractionSetsComeBack(string name)
    {
        var set = name switch
        {
            "timed" => Timed,
            "plain" => TestFiles.Read("1 2 3\n9\n4 2\n") with { Reading = null },
            _ => Timed with { Timestamps = [.. Timed.Timestamps!.Select((time, i) => i % 2 == 0 ? long.MinValue : time)] },
        };
        var bytes = Bytes(set);
        var back = InteractionSetFile.Read(new MemoryStream(bytes));
        Assert.Equivalent(set, back, strict: true);
        Assert.Equal(bytes, Bytes(back));
    }

    [Fact]
    public void PreparedDatasetsComeBack()
    {
        var bytes = Bytes(Prepared);
        var back = PreparedDatasetFile.Read(new MemoryStream(bytes));
        Assert.Equivalent(Prepared, back, strict: true);
        Assert.Equal(bytes, Bytes(back));
    }

    /// <summary>Ids and rows that lie across the ends of the writer's buffer.</summary>
    [Fact]
    public void LargeOnesComeBack()
    {
        var set = SyntheticData.Generate(new SyntheticOptions(3000, 2000, 60_000, Seed: 9));
        set = set with { ItemIds = [.. set.ItemIds.Select(id => new string('x', int.Parse(id) % 300) + id), new string('ü', 90_000)] };
        var bytes = Bytes(set);
        var back = InteractionSetFile.Read(new MemoryStream(bytes));
        Assert.Equal(set.ItemIds, back.ItemIds);
        Assert.Equal(set.UserOf, back.UserOf);
        Assert.Equal(set.ItemOf, back.ItemOf);
        Assert.Equal(set.Timestamps, back.Timestamps);
        var split = Splitter.Split(back, new SplitOptions(SplitKind.Random), 2);
        var read = PreparedDatasetFile.Read(new MemoryStream(Bytes(split)));
        Assert.Equal(split.SplitHash, read.SplitHash);
        Assert.Equal(split.Test.Items, read.Test.Items);
    }

    [Fact]
    public void FilesAreCompact() => Assert.True(Bytes(Prepared).Length < 60 * 5 + 50 * 5 + (900 * 2) + 300);

    [Fact]
    public void EveryChangedByteAndEveryCutIsFound() =>
        DamagedFiles.AreRefused(Bytes(Prepared), stream => PreparedDatasetFile.Read(stream), apart: 7);

    [Fact]
    public void WhatIsWrongIsSaid()
    {
        var bytes = Bytes(Timed);
        void Says(string message, byte[] content) => Assert.Contains(
            message,
            Assert.Throws<InvalidDataException>(() => InteractionSetFile.Read(new MemoryStream(content))).Message);
        Says("does not begin with 'BETI'", Bytes(Prepared));
        Says("does not begin with 'BETI'", []);
        Says("ends inside its header", bytes[..20]);
        Says("cut off", bytes[..^1]);
        var version = bytes.ToArray();
        version[4] = 9;
        Says("version 9", version);
        var changed = bytes.ToArray();
        changed[^1] ^= 1;
        Says("SHA-256", changed);
    }

    [Fact]
    public void ForgedPayloadsAreRefusedNotCrashed()
    {
        DamagedFiles.WithCorrectHashesEndNothing(Bytes(Timed), stream => InteractionSetFile.Read(stream), Forge, rounds: 3000);
        DamagedFiles.WithCorrectHashesEndNothing(Bytes(Prepared), stream => PreparedDatasetFile.Read(stream), Forge, rounds: 3000);
    }

    private static byte[] Forge(byte[] file, Random random)
    {
        const int header = 16 + SHA256.HashSizeInBytes;
        var forged = file[..random.Next(header, file.Length + 1)];
        for (int change = 0; change < 3 && forged.Length > header; change++)
            forged[random.Next(header, forged.Length)] = DamagedFiles.AnyByte(random);
        BinaryPrimitives.WriteUInt64LittleEndian(forged.AsSpan(8), (ulong)(forged.Length - header));
        SHA256.HashData(forged.AsSpan(header), forged.AsSpan(16));
        return forged;
    }

    private static byte[] Bytes(InteractionSet set) => DamagedFiles.Written(stream => InteractionSetFile.Write(stream, set));

    private static byte[] Bytes(PreparedDataset dataset) => DamagedFiles.Written(stream => PreparedDatasetFile.Write(stream, dataset));
}
