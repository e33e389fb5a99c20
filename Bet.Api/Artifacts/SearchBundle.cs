using System.Security.Cryptography;
using System.Text;
using Bet.Engine.Artifacts;
using Bet.Jobs.Storage;

namespace Bet.Api.Artifacts;

/// <summary>A search's files as one zip: the same files are the same bytes.</summary>
internal static class SearchBundle
{
    /// <summary>A hash that changes with any name or content.</summary>
    public static string Identity(IReadOnlyList<ArtifactRow> files) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files.Select(file => $"{file.Name} {file.Blob}")))));

    /// <summary>The zip at its first byte: ranges need a length.</summary>
    public static async Task<Stream> Open(
        IReadOnlyList<ArtifactRow> files, IBlobStore blobs, string folder, CancellationToken cancel)
    {
        var zip = UnnamedFile.Create(folder);
        try
        {
            await BundleWriter.WriteAsync(zip, files.Select(file => new BundleEntry(file.Name, file.Bytes, () =>
                blobs.OpenRead(file.Blob) ?? throw new IOException($"blob {file.Blob} of {file.Name} is gone"))), cancel);
            zip.Position = 0;
            return zip;
        }
        catch
        {
            await zip.DisposeAsync();
            throw;
        }
    }
}
