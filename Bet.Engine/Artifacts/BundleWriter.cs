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

    /// <summary>Writes asynchronously only, as HTTP servers demand; leaves the destination open.</summary>
    /// <exception cref="InvalidDataException">A file's content is not as long as it was said to be.</exception>
    public static async Task WriteAsync(
        Stream destination, IEnumerable<BundleEntry> entries, CancellationToken cancel = default)
    {
        await using ZipArchive archive = await ZipArchive.CreateAsync(
            destination, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancel);
        foreach (BundleEntry entry in entries)
        {
            cancel.ThrowIfCancellationRequested();
            ZipArchiveEntry file = archive.CreateEntry(entry.Name, CompressionOf(entry.Name));
            file.LastWriteTime = Timestamp;
            await using Stream content = entry.Open();
            await using Stream target = await file.OpenAsync(cancel);
            long copied = await CopyAsync(content, target, cancel);
            if (copied != entry.Length)
                throw new InvalidDataException($"{entry.Name} has {copied} bytes, {entry.Length} were expected");
        }
    }

    private static CompressionLevel CompressionOf(string name) =>
        name.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)
            ? CompressionLevel.NoCompression
            : CompressionLevel.Optimal;

    private static async Task<long> CopyAsync(Stream source, Stream target, CancellationToken cancel)
    {
        var buffer = new byte[1 << 16];
        long copied = 0;
        for (int read; (read = await source.ReadAsync(buffer, cancel)) > 0; copied += read)
            await target.WriteAsync(buffer.AsMemory(0, read), cancel);
        return copied;
    }
}
