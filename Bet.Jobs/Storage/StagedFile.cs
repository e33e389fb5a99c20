using System.Security.Cryptography;

namespace Bet.Jobs.Storage;

/// <summary>A staged blob that is a temporary file until it is published; the file is deleted with it.</summary>
internal sealed class StagedFile : IStagedBlob
{
    private readonly Action<StagedFile> publish;

    private StagedFile(string path, string hash, long bytes, Action<StagedFile> publish)
    {
        Path = path;
        Hash = hash;
        Bytes = bytes;
        this.publish = publish;
    }

    public string Path { get; }

    public string Hash { get; }

    public long Bytes { get; }

    /// <summary>Creates a folder for temporary files, or empties it of those that a killed process has left.</summary>
    public static void Prepare(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string leftover in Directory.EnumerateFiles(folder))
            File.Delete(leftover);
    }

    /// <summary>Writes the content to a new file and hashes it on the way; no file is left where it throws.</summary>
    /// <param name="folder">Holds the file.</param>
    /// <param name="content">Writes the blob.</param>
    /// <param name="flushToDisk">Whether the file must outlive a loss of power from here on.</param>
    /// <param name="publish">What <see cref="Publish"/> does.</param>
    public static StagedFile Write(string folder, Action<Stream> content, bool flushToDisk, Action<StagedFile> publish)
    {
        string path = System.IO.Path.Combine(folder, $"blob-{Guid.NewGuid():N}");
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using var file = File.Create(path);
            using (var hashing = new HashingStream(file, hash))
                content(hashing);
            file.Flush(flushToDisk);
            return new StagedFile(path, Convert.ToHexStringLower(hash.GetHashAndReset()), file.Length, publish);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    public void Publish() => publish(this);

    public void Dispose() => File.Delete(Path);
}
