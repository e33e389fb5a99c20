using System.Security.Cryptography;

namespace Bet.Jobs.Storage;

/// <summary>
/// Blobs as files of one folder, "blobs/ab/abcdef...". A temporary file is written and flushed to the disk, then
/// renamed: a process killed at any moment leaves a whole blob or none.
/// </summary>
public sealed class DirectoryBlobStore : IBlobStore
{
    private readonly string folder;
    private readonly string temporary;

    /// <param name="folder">Holds the blobs.</param>
    /// <param name="temporary">Holds what is being written; on the same file system. Emptied here.</param>
    public DirectoryBlobStore(string folder, string temporary)
    {
        this.folder = folder;
        this.temporary = temporary;
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(temporary);
        foreach (string leftover in Directory.EnumerateFiles(temporary))
            File.Delete(leftover);
    }

    public IStagedBlob Stage(Action<Stream> content)
    {
        string path = Path.Combine(temporary, $"blob-{Guid.NewGuid():N}");
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using var file = File.Create(path);
            using (var hashing = new HashingStream(file, hash))
                content(hashing);
            file.Flush(flushToDisk: true);
            return new StagedFile(this, path, Convert.ToHexStringLower(hash.GetHashAndReset()), file.Length);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    public Stream? OpenRead(string hash)
    {
        try
        {
            return new FileStream(PathOf(hash), new FileStreamOptions
            {
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.Asynchronous,
                BufferSize = 1 << 16,
            });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public IEnumerable<string> All() =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path));

    public void Delete(string hash) => File.Delete(PathOf(hash));

    private string PathOf(string hash) => Path.Combine(folder, hash[..2], hash);

    private sealed class StagedFile(DirectoryBlobStore store, string path, string hash, long bytes) : IStagedBlob
    {
        public string Hash => hash;

        public long Bytes => bytes;

        public void Publish()
        {
            string target = store.PathOf(hash);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(path, target, overwrite: true);
        }

        public void Dispose() => File.Delete(path);
    }

    /// <summary>Hashes what passes through; cannot seek, so that the hash is of the content in order.</summary>
    private sealed class HashingStream(Stream inner, IncrementalHash hash) : Stream
    {
        private long written;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => written;

        public override long Position
        {
            get => written;
            set => throw new NotSupportedException("a blob is written from its start to its end");
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            hash.AppendData(buffer);
            inner.Write(buffer);
            written += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
