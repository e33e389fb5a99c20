using System.Security.Cryptography;
using System.Text;
using Bet.Jobs.Storage;

namespace Bet.Tests.Jobs;

/// <summary>What every blob store promises: on a real folder, and on a real server.</summary>
public sealed class BlobStoreTests : IDisposable
{
    private const string HashOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private readonly string root = Path.Combine(Path.GetTempPath(), $"bet-blobs-{Guid.NewGuid():N}");
    private readonly string temporary;
    private IBlobStore? store;

    public BlobStoreTests() => temporary = Path.Combine(root, "tmp");

    public void Dispose()
    {
        foreach (string hash in store?.All().ToList() ?? [])
            store!.Delete(hash);
        (store as IDisposable)?.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Theory, InFolder, InS3]
    public void What_was_published_is_read_under_its_hash(BlobStoreKind kind)
    {
        Open(kind);
        using (var staged = store!.Stage(Text("abc")))
        {
            Assert.Equal((HashOfAbc, 3), (staged.Hash, staged.Bytes));
            staged.Publish();
        }

        using (var stream = store.OpenRead(HashOfAbc)!)
            Assert.Equal("abc"u8.ToArray(), ReadAll(stream));
        AssertNothingTemporary();
    }

    [Theory, InFolder, InS3]
    public void Nothing_is_seen_before_it_is_published(BlobStoreKind kind)
    {
        Open(kind);
        using (var staged = store!.Stage(Text("abc")))
        {
            Assert.Null(store.OpenRead(staged.Hash));
            Assert.Empty(store.All());
        }

        Assert.Null(store.OpenRead(HashOfAbc));
        Assert.Empty(store.All());
        AssertNothingTemporary();
    }

    [Theory, InFolder, InS3]
    public void Content_that_throws_leaves_nothing(BlobStoreKind kind)
    {
        Open(kind);
        Assert.Throws<InvalidOperationException>(() => store!.Stage(stream =>
        {
            stream.Write(new byte[100_000]);
            throw new InvalidOperationException("broken");
        }));
        Assert.Empty(store!.All());
        AssertNothingTemporary();
    }

    [Theory, InFolder, InS3]
    public void Publishing_again_changes_nothing(BlobStoreKind kind)
    {
        Open(kind);
        Publish(Text("abc"));
        using var reader = store!.OpenRead(HashOfAbc)!;
        Assert.Equal((byte)'a', reader.ReadByte());
        Publish(Text("abc"));
        Assert.Equal("bc"u8.ToArray(), ReadAll(reader));
        Assert.Equal([HashOfAbc], store.All());
    }

    [Theory, InFolder, InS3]
    public async Task One_content_is_published_side_by_side(BlobStoreKind kind)
    {
        Open(kind);
        byte[] content = RandomNumberGenerator.GetBytes(300_000);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () => Publish(stream => stream.Write(content)), TaskCreationOptions.LongRunning)));
        string hash = Assert.Single(store!.All());
        using (var stream = store.OpenRead(hash)!)
            Assert.Equal(content, ReadAll(stream));
        AssertNothingTemporary();
    }

    [Theory, InFolder, InS3]
    public void All_names_every_blob_until_it_is_deleted(BlobStoreKind kind)
    {
        Open(kind);
        var hashes = Enumerable.Range(0, 5).Select(i => Publish(Text($"blob {i}"))).ToHashSet();
        Assert.Equal(5, hashes.Count);
        Assert.Equal(hashes.Order(), store!.All().Order());
        string gone = hashes.First();
        store.Delete(gone);
        Assert.Null(store.OpenRead(gone));
        Assert.Equal(hashes.Where(hash => hash != gone).Order(), store.All().Order());
    }

    [Theory, InFolder, InS3]
    public void A_hash_that_is_not_there_is_null_and_can_be_deleted(BlobStoreKind kind)
    {
        Open(kind);
        Assert.Null(store!.OpenRead(HashOfAbc));
        store.Delete(HashOfAbc);
        AssertNothingTemporary();
    }

    [Theory, InFolder, InS3]
    public void An_empty_blob_is_a_blob(BlobStoreKind kind)
    {
        Open(kind);
        string hash = Publish(_ => { });
        using var stream = store!.OpenRead(hash)!;
        Assert.Empty(ReadAll(stream));
        Assert.Equal([hash], store.All());
    }

    [Theory, InFolder, InS3]
    public void Twenty_megabytes_are_read_from_anywhere(BlobStoreKind kind)
    {
        Open(kind);
        byte[] content = RandomNumberGenerator.GetBytes(20 << 20);
        string hash = Publish(stream =>
        {
            for (int at = 0; at < content.Length; at += 1 << 20)
                stream.Write(content, at, 1 << 20);
        });
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), hash);
        using (var stream = store!.OpenRead(hash)!)
        {
            Assert.True(stream.CanSeek);
            Assert.Equal(content.Length, stream.Length);
            stream.Seek(-1000, SeekOrigin.End);
            Assert.Equal(content[^1000..], ReadAll(stream));
            stream.Position = 0;
            Assert.Equal(content, ReadAll(stream));
        }

        AssertNothingTemporary();
    }

    [Theory, InFolder, InS3]
    public void Opening_clears_what_a_killed_process_left(BlobStoreKind kind)
    {
        Directory.CreateDirectory(temporary);
        File.WriteAllText(Path.Combine(temporary, "blob-left"), "half");
        Open(kind);
        AssertNothingTemporary();
        Assert.Empty(store!.All());
    }

    private void Open(BlobStoreKind kind) => store = kind switch
    {
        BlobStoreKind.Folder => new DirectoryBlobStore(Path.Combine(root, "blobs"), temporary),
        _ => new S3BlobStore(S3Server.Options(), temporary),
    };

    private string Publish(Action<Stream> content)
    {
        using var staged = store!.Stage(content);
        staged.Publish();
        return staged.Hash;
    }

    private static Action<Stream> Text(string text) => stream => stream.Write(Encoding.UTF8.GetBytes(text));

    private static byte[] ReadAll(Stream stream)
    {
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private void AssertNothingTemporary() => Assert.Empty(Directory.EnumerateFileSystemEntries(temporary));
}
