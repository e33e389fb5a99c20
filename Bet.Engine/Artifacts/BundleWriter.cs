using System.IO.Compression;

namespace Bet.Engine.Artifacts;

/// <summary>A file of a bundle.</summary>
/// <param name="Length">Bytes of its content.</param>
/// <param name="Open">Opens the content; the bundle disposes the stream.</param>
public sealed record BundleEntry(string Name, long Length, Func<Stream> Open);

/// <summary>
/// Streams files as one zip, which needs neither a length beforehand nor a stream that can seek. Weights are stored as
/// they are, text is deflated, and no clock is read: the same files give the same bytes.
/// </summary>
public static class BundleWriter
{
    /// <summary>The earliest time that a zip can hold.</summary>
    private static readonly DateTimeOffset Timestamp = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Writes asynchronously only, as HTTP servers demand; leaves the destination open. After an error what was written
    /// is no valid zip: it has no directory.
    /// </summary>
    /// <exception cref="InvalidDataException">A file's content is not as long as it was said to be.</exception>
    public static async Task WriteAsync(
        Stream destination, IEnumerable<BundleEntry> entries, CancellationToken cancel = default)
    {
        // ZipArchive writes synchronously when an entry is closed, even if it is closed asynchronously.
        using var pending = new PendingBytes();
        using (var archive = new ZipArchive(pending, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (BundleEntry entry in entries)
            {
                ZipArchiveEntry file = archive.CreateEntry(entry.Name, CompressionOf(entry.Name));
                file.LastWriteTime = Timestamp;
                await using Stream content = entry.Open();
                using Stream target = file.Open();
                long copied = await CopyAsync(content, target, pending, destination, cancel);
                if (copied != entry.Length)
                    throw new InvalidDataException($"{entry.Name} has {copied} bytes, {entry.Length} were expected");
            }
        }

        await pending.DrainAsync(destination, cancel);
    }

    private static CompressionLevel CompressionOf(string name) =>
        name.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)
            ? CompressionLevel.NoCompression
            : CompressionLevel.Optimal;

    private static async Task<long> CopyAsync(
        Stream source, Stream target, PendingBytes pending, Stream destination, CancellationToken cancel)
    {
        var buffer = new byte[1 << 16];
        long copied = 0;
        for (int read; (read = await source.ReadAsync(buffer, cancel)) > 0; copied += read)
        {
            target.Write(buffer, 0, read);
            await pending.DrainAsync(destination, cancel);
        }

        return copied;
    }

    /// <summary>Keeps what is written until it is drained. Does not seek, so that no header is patched later.</summary>
    private sealed class PendingBytes : Stream
    {
        private readonly MemoryStream bytes = new();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public async Task DrainAsync(Stream destination, CancellationToken cancel)
        {
            await destination.WriteAsync(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), cancel);
            bytes.SetLength(0);
        }

        public override void Write(byte[] buffer, int offset, int count) => bytes.Write(buffer, offset, count);

        public override void Write(ReadOnlySpan<byte> buffer) => bytes.Write(buffer);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
