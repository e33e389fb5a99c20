using System.Reflection;
using Amazon.S3;
using Bet.Jobs.Storage;
using Xunit.Sdk;

namespace Bet.Tests.Jobs;

/// <summary>The server that BET_TEST_S3 names, set up by test.sh.</summary>
internal static class S3Server
{
    private const string Account = "S3RVER";

    private static readonly string? Endpoint =
        Environment.GetEnvironmentVariable("BET_TEST_S3") is { Length: > 0 } address ? address : null;

    /// <summary>Why there is none; null where there is.</summary>
    public static string? WhyNot => Endpoint is null
        ? "BET_TEST_S3 gives no address of an S3 server; test.sh starts s3rver with a bucket 'bet-test'"
        : null;

    /// <summary>The bucket of the tests, below a prefix that no other test uses.</summary>
    public static S3Options Options() =>
        new("bet-test", Endpoint!, null, Account, Account, $"test-{Guid.NewGuid():N}");

    /// <summary>For what no blob store does.</summary>
    public static AmazonS3Client Client() => S3Connection.Open(Options());
}

/// <summary>A test on an S3 server; skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class S3FactAttribute : FactAttribute
{
    public S3FactAttribute() => Skip = S3Server.WhyNot;
}

/// <summary>A case in which the blobs are in a folder.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InFolderAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[BlobStoreKind.Folder]];
}

/// <summary>A case in which the blobs are on an S3 server; skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class InS3Attribute : DataAttribute
{
    public InS3Attribute() => Skip = S3Server.WhyNot;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[BlobStoreKind.S3]];
}

public enum BlobStoreKind
{
    Folder,
    S3,
}
