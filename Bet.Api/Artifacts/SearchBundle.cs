using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Bet.Jobs.Storage;

namespace Bet.Api.Artifacts;

/// <summary>
/// A search's files as one zip: names in order, a fixed time, stored without compression (weights do not compress), so
/// that the same files are the same zip.
/// </summary>
internal static class SearchBundle
{
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A hash that changes with any name or content.</summary>
    public static string Identity(IReadOnlyList<ArtifactRow> files) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files.Select(file => $"{file.Name} {file.Blob}")))));

    /// <summary>The zip at its first byte, in a temporary file that goes with the stream.</summary>
    public static Stream Open(IReadOnlyList<ArtifactRow> files, IBlobStore blobs, string folder)
    {
        var zip = new FileStream(Path.Combine(folder, $"bundle-{Guid.NewGuid():N}"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
            BufferSize = 1 << 16,
        });
        try
        {
            using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (var file in files)
                    Add(archive, file, blobs);
            }

            zip.Position = 0;
            return zip;
        }
        catch
        {
            zip.Dispose();
            throw;
        }
    }

    private static void Add(ZipArchive archive, ArtifactRow file, IBlobStore blobs)
    {
        var entry = archive.CreateEntry(file.Name, CompressionLevel.NoCompression);
        entry.LastWriteTime = Time;
        using var source = blobs.OpenRead(file.Blob) ?? throw new IOException($"blob {file.Blob} of {file.Name} is gone");
        using var target = entry.Open();
        source.CopyTo(target);
    }
}
