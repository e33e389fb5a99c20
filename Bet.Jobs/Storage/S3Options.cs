namespace Bet.Jobs.Storage;

/// <summary>Where blobs are kept on a service that speaks S3, Amazon's or another one.</summary>
/// <param name="Bucket">Created by its owner, never from here.</param>
/// <param name="Endpoint">The http or https address of the service; null for Amazon's own in the region.</param>
/// <param name="Region">Null for "us-east-1" at an endpoint, and for what the environment says at Amazon's.</param>
/// <param name="AccessKey">
/// Null, with the secret key, for the keys that the AWS SDK finds: in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in
/// its profile files, or in the role of the machine.
/// </param>
/// <param name="SecretKey">Belongs to the access key.</param>
/// <param name="Prefix">All blobs are below it, and nothing else of the bucket is touched.</param>
/// <param name="PathStyle">Whether an endpoint is asked for "/bucket/key", or else for "/key" at "bucket.host".</param>
public sealed record S3Options(
    string Bucket,
    string? Endpoint,
    string? Region,
    string? AccessKey,
    string? SecretKey,
    string Prefix = "",
    bool PathStyle = true)
{
    /// <summary>The bucket and where it is; no keys.</summary>
    public override string ToString() =>
        $"S3 bucket '{Bucket}' at {Endpoint ?? (Region is null ? "Amazon" : $"Amazon's {Region}")}";
}
