using System.IO.Compression;
using Bet.Engine.Artifacts;

namespace Bet.Tests.Artifacts;

public class BundleWriterTests
{
    private static readonly byte[] Weights = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i % 7))];
    private static readonly byte[] Text = [.. Enumerable.Repeat((byte)'x', 50_000)];

    private static BundleEntry[] Entries =>
    [
        new("table.safetensors", Weights.Length, () => new MemoryStream(Weights)),
        new("sizes.csv", Text.Length, () => new MemoryStream(Text)),
        new("empty.txt", 0, () => new MemoryStream()),
    ];

    [Fact]
    public async Task A_zip_written_to_a_stream_that_cannot_seek_comes_back()
    {
        using var target = new MemoryStream();
        await BundleWriter.WriteAsync(new ResponseBody(target), Entries);

        target.Position = 0;
        using var archive = new ZipArchive(target, ZipArchiveMode.Read);
        Assert.Equal(["table.safetensors", "sizes.csv", "empty.txt"], archive.Entries.Select(entry => entry.FullName));
        Assert.Equal(Weights, Content(archive, "table.safetensors"));
        Assert.Equal(Text, Content(archive, "sizes.csv"));
        Assert.Empty(Content(archive, "empty.txt"));
        Assert.Equal(Weights.Length, archive.GetEntry("table.safetensors")!.CompressedLength);
        Assert.True(archive.GetEntry("sizes.csv")!.CompressedLength < Text.Length / 10);
    }

    [Fact]
    public async Task The_same_files_give_the_same_bytes()
    {
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        await BundleWriter.WriteAsync(first, Entries);
        await BundleWriter.WriteAsync(second, Entries);
        Assert.Equal(first.ToArray(), second.ToArray());
        first.Position = 0;
        using var archive = new ZipArchive(first, ZipArchiveMode.Read);
        Assert.All(archive.Entries, entry => Assert.Equal(new DateTime(1980, 1, 1), entry.LastWriteTime.DateTime));
    }

    [Fact]
    public async Task A_file_of_another_length_fails_the_bundle()
    {
        BundleEntry[] entries = [new("a.txt", 3, () => new MemoryStream(new byte[2]))];
        using var target = new MemoryStream();
        var error = await Assert.ThrowsAsync<InvalidDataException>(
            () => BundleWriter.WriteAsync(new ResponseBody(target), entries));
        Assert.Equal("a.txt has 2 bytes, 3 were expected", error.Message);
        Assert.Throws<InvalidDataException>(() => new ZipArchive(target, ZipArchiveMode.Read));
    }

    [PythonFact]
    public async Task Another_implementation_finds_the_zip_whole()
    {
        using var folder = new TemporaryFolder();
        await using (FileStream file = File.Create(folder["bundle.zip"]))
            await BundleWriter.WriteAsync(new ResponseBody(file), Entries);

        (int code, string output, string error) = PythonInterpreter.Run(
            PythonInterpreter.Path,
            ["-c", "import zipfile; z = zipfile.ZipFile('bundle.zip'); print(z.testzip(), *(i.file_size for i in z.infolist()))"],
            folder.Path)!.Value;

        Assert.Equal((0, "None 200000 50000 0", ""), (code, output.Trim(), error));
    }

    private static byte[] Content(ZipArchive archive, string name)
    {
        using var content = new MemoryStream();
        using Stream entry = archive.GetEntry(name)!.Open();
        entry.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>What an HTTP server gives: it cannot seek and refuses to be written synchronously.</summary>
    private sealed class ResponseBody(Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => throw new InvalidOperationException("flushed synchronously");

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new InvalidOperationException("written synchronously");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            inner.WriteAsync(buffer, offset, count, cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
