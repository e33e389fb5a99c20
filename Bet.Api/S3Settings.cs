using Bet.Jobs.Storage;

namespace Bet.Api;

/// <summary>Section "Bet:S3": a bucket of an S3-compatible service. What is left empty is the service's or its client's default.</summary>
public sealed class S3Settings
{
    public string Bucket { get; set; } = "";

    /// <summary>Of another service than Amazon's: "http://minio:9000".</summary>
    public string? Endpoint { get; set; }

    public string? Region { get; set; }

    public string? AccessKey { get; set; }

    public string? SecretKey { get; set; }

    /// <summary>What the names of all objects begin with.</summary>
    public string? Prefix { get; set; }

    /// <summary>Null where no bucket is named.</summary>
    public S3Options? Options() => Given(Bucket) is { } bucket
        ? new S3Options(bucket, Given(Endpoint), Given(Region), Given(AccessKey), Given(SecretKey), Prefix ?? "")
        : null;

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
