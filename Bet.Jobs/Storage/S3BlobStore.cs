using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;

namespace Bet.Jobs.Storage;

/// <summary>
/// Blobs as objects of an S3 bucket, "prefix/ab/abcdef...". A blob is staged in a local file; publishing uploads it,
/// large ones in parts, and S3 shows an object whole or not at all. Reading downloads to a local file first. Whatever
/// goes wrong with the service is an <see cref="IOException"/>. A process killed in an upload can leave parts that no
/// reader sees; a rule of the bucket ("abort incomplete multipart uploads") removes them.
/// </summary>
public sealed class S3BlobStore : IBlobStore, IDisposable
{
    private readonly S3Options options;
    private readonly string temporary;
    private readonly string prefix;
    private readonly AmazonS3Client client;
    private readonly TransferUtility transfers;

    /// <summary>Asks for a list of the bucket, so that wrong options fail here and not at the first blob.</summary>
    /// <param name="options">The bucket.</param>
    /// <param name="temporaryFolder">Holds what is being written or read, of this store alone. Emptied here.</param>
    /// <exception cref="ArgumentException">The options cannot be right.</exception>
    /// <exception cref="IOException">The bucket is not there, or not for these keys, or the service is not.</exception>
    public S3BlobStore(S3Options options, string temporaryFolder)
    {
        this.options = options;
        temporary = temporaryFolder;
        prefix = options.Prefix.Trim('/') is { Length: > 0 } given ? $"{given}/" : "";
        StagedFile.Prepare(temporaryFolder);
        client = Ask(() => Task.FromResult(S3Connection.Open(options)));
        transfers = new TransferUtility(client);
        try
        {
            List(1, null);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How many objects one request lists; the service gives 1000 at most.</summary>
    internal int PageSize { get; init; } = 1000;

    public IStagedBlob Stage(Action<Stream> content) =>
        StagedFile.Write(temporary, content, flushToDisk: false, publish: Upload);

    public Stream? OpenRead(string hash)
    {
        string path = Path.Combine(temporary, $"read-{Guid.NewGuid():N}");
        FileStream? file = null;
        try
        {
            if (!Download(hash, path))
                return null;
            file = new FileStream(path, new FileStreamOptions
            {
                Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
                BufferSize = 1 << 16,
            });
            if (Convert.ToHexStringLower(SHA256.HashData(file)) != hash)
                throw new IOException($"{options}: the content of object {KeyOf(hash)} is not what its name says");
            file.Position = 0;
            return file;
        }
        catch
        {
            file?.Dispose();
            File.Delete(path);
            throw;
        }
    }

    public IEnumerable<string> All()
    {
        string? next = null;
        do
        {
            var page = List(PageSize, next);
            foreach (var found in page.S3Objects ?? [])
            {
                if (HashOf(found.Key) is { } hash)
                    yield return hash;
            }

            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }

    public void Delete(string hash) => Ask(() => client.DeleteObjectAsync(options.Bucket, KeyOf(hash)));

    public void Dispose()
    {
        transfers.Dispose();
        client.Dispose();
    }

    private void Upload(StagedFile staged)
    {
        if (IsThere(staged))
            return;
        Ask(async () =>
        {
            await transfers.UploadAsync(staged.Path, options.Bucket, KeyOf(staged.Hash)).ConfigureAwait(false);
            return true;
        });
    }

    private bool IsThere(StagedFile staged) => Ask(async () =>
    {
        try
        {
            var found = await client.GetObjectMetadataAsync(options.Bucket, KeyOf(staged.Hash)).ConfigureAwait(false);
            return found.ContentLength == staged.Bytes;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    });

    /// <summary>False where there is no such object.</summary>
    private bool Download(string hash, string path) => Ask(async () =>
    {
        try
        {
            await transfers.DownloadAsync(path, options.Bucket, KeyOf(hash)).ConfigureAwait(false);
            return true;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchKey")
        {
            return false;
        }
    });

    private ListObjectsV2Response List(int count, string? from)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = options.Bucket,
            Prefix = prefix,
            MaxKeys = count,
            ContinuationToken = from,
        };
        return Ask(() => client.ListObjectsV2Async(request));
    }

    private T Ask<T>(Func<Task<T>> request)
    {
        try
        {
            return request().GetAwaiter().GetResult();
        }
        catch (Exception e) when (S3Connection.Explain(e) is { } reason)
        {
            throw new IOException($"{options}: {reason}", e);
        }
    }

    private string KeyOf(string hash) => $"{prefix}{hash[..2]}/{hash}";

    /// <summary>Null where the object is none of ours.</summary>
    private string? HashOf(string key)
    {
        string name = key[(key.LastIndexOf('/') + 1)..];
        return name.Length == 2 * SHA256.HashSizeInBytes && name.All(char.IsAsciiHexDigitLower) && KeyOf(name) == key
            ? name
            : null;
    }
}
