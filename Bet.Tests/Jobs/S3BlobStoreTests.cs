using System.Net;
using System.Net.Sockets;
using Amazon.S3;
using Amazon.S3.Model;
using Bet.Jobs.Storage;

namespace Bet.Tests.Jobs;

/// <summary>What a blob store on S3 does beyond <see cref="BlobStoreTests"/>, and what it says of its errors.</summary>
public sealed class S3BlobStoreTests : IDisposable
{
    private static readonly S3Options Nowhere = new("bet-test", "http://127.0.0.1:9", null, "some-key", "some-secret");

    private readonly string temporary = Path.Combine(Path.GetTempPath(), $"bet-s3-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(temporary))
            Directory.Delete(temporary, recursive: true);
    }

    [S3Fact]
    public void All_goes_through_every_page_and_leaves_out_what_is_no_blob()
    {
        var options = S3Server.Options();
        using var store = new S3BlobStore(options, temporary) { PageSize = 2 };
        using var client = S3Server.Client();
        Put(client, options, $"{options.Prefix}/notes.txt");
        Put(client, options, $"{options.Prefix}/ab/{new string('c', 64)}");
        Put(client, options, $"{options.Prefix}-other/cc/{new string('c', 64)}");
        var hashes = Enumerable.Range(0, 7).Select(i => Publish(store, [(byte)i])).ToList();
        Assert.Equal(hashes.Order(), store.All().Order());
    }

    [S3Fact]
    public void Two_prefixes_are_two_stores()
    {
        using var one = new S3BlobStore(S3Server.Options(), Path.Combine(temporary, "one"));
        var deep = S3Server.Options() with { Prefix = $"/deep/{Guid.NewGuid():N}/" };
        using var other = new S3BlobStore(deep, Path.Combine(temporary, "other"));
        string hash = Publish(one, [1]);
        Assert.Empty(other.All());
        Assert.Null(other.OpenRead(hash));
        string second = Publish(other, [2]);
        Assert.Equal([second], other.All());
        Assert.Equal([hash], one.All());
    }

    [S3Fact]
    public void Content_that_is_not_what_its_name_says_is_not_read()
    {
        var options = S3Server.Options();
        using var store = new S3BlobStore(options, temporary);
        string hash = Publish(store, [1]);
        using var client = S3Server.Client();
        Put(client, options, $"{options.Prefix}/{hash[..2]}/{hash}");
        Assert.Contains("not what its name says", Assert.Throws<IOException>(() => store.OpenRead(hash)).Message);
        Assert.Empty(Directory.EnumerateFiles(temporary));
    }

    [S3Fact]
    public void A_bucket_that_is_not_there_is_named()
    {
        var options = S3Server.Options() with { Bucket = "bet-missing" };
        string message = Assert.Throws<IOException>(() => new S3BlobStore(options, temporary)).Message;
        Assert.Contains($"'bet-missing' at {options.Endpoint}", message);
        Assert.Contains("its owner must create it", message);
    }

    [S3Fact]
    public void A_bucket_that_is_gone_is_an_error_of_every_request()
    {
        using var client = S3Server.Client();
        var options = S3Server.Options() with { Bucket = $"bet-{Guid.NewGuid():N}" };
        client.PutBucketAsync(options.Bucket).Wait();
        using var store = new S3BlobStore(options, temporary);
        client.DeleteBucketAsync(options.Bucket).Wait();
        using var staged = store.Stage(stream => stream.WriteByte(1));
        Action[] requests = [staged.Publish, () => store.OpenRead(staged.Hash), () => store.All().ToList()];
        foreach (var request in requests)
            Assert.Contains("there is no such bucket", Assert.Throws<IOException>(request).Message);
    }

    [S3Fact]
    public void Keys_that_are_not_accepted_are_not_repeated()
    {
        var options = S3Server.Options() with { AccessKey = "mistyped", SecretKey = "mistyped" };
        string message = Assert.Throws<IOException>(() => new S3BlobStore(options, temporary)).Message;
        Assert.Contains(options.Endpoint!, message);
        Assert.Contains("access key and the secret key are not accepted", message);
        Assert.DoesNotContain("mistyped", message);
    }

    [Fact]
    public void A_service_that_does_not_run_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var options = Nowhere with { Endpoint = $"http://{listener.LocalEndpoint}" };
        listener.Stop();
        string message = Assert.Throws<IOException>(() => new S3BlobStore(options, temporary)).Message;
        Assert.Contains(options.Endpoint, message);
        Assert.Contains("cannot be reached", message);
    }

    [Fact]
    public void Options_that_cannot_be_right_are_refused()
    {
        S3Options[] wrong =
        [
            Nowhere with { Bucket = "" }, Nowhere with { SecretKey = null }, Nowhere with { AccessKey = null },
            Nowhere with { Endpoint = "s3.example.org" },
        ];
        foreach (var options in wrong)
        {
            string message = Assert.Throws<ArgumentException>(() => new S3BlobStore(options, temporary)).Message;
            Assert.DoesNotContain("some-", message);
        }
    }

    private static string Publish(S3BlobStore store, byte[] content)
    {
        using var staged = store.Stage(stream => stream.Write(content));
        staged.Publish();
        return staged.Hash;
    }

    private static void Put(AmazonS3Client client, S3Options options, string key)
    {
        var request = new PutObjectRequest { BucketName = options.Bucket, Key = key, ContentBody = "other" };
        client.PutObjectAsync(request).Wait();
    }
}
