using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Credentials;
using Amazon.S3;
using Amazon.S3.Model;

namespace Bet.Jobs.Storage;

/// <summary>How the S3 client is set up, and what its errors mean to an operator.</summary>
internal static class S3Connection
{
    /// <exception cref="ArgumentException">The options cannot be right.</exception>
    public static AmazonS3Client Open(S3Options options)
    {
        if (options.Bucket.Length == 0)
            throw new ArgumentException("S3: no bucket is named");
        if (options.AccessKey is null != options.SecretKey is null)
            throw new ArgumentException($"{options}: give both the access key and the secret key, or neither");
        var config = new AmazonS3Config { ConnectTimeout = TimeSpan.FromSeconds(10) };
        if (options.Endpoint is not null)
            UseEndpoint(config, options);
        else if (options.Region is not null)
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        var keys = options.AccessKey is null
            ? DefaultAWSCredentialsIdentityResolver.GetCredentials(config)
            : new BasicAWSCredentials(options.AccessKey, options.SecretKey);
        return options.Endpoint is null ? new AmazonS3Client(keys, config) : new PlainUploads(keys, config);
    }

    /// <summary>Why a request failed and what helps; null where the error is not the service's.</summary>
    public static string? Explain(Exception error) => error switch
    {
        AmazonServiceException { ErrorCode: "NoSuchBucket" } =>
            "there is no such bucket; its owner must create it first",
        AmazonServiceException { ErrorCode: "InvalidAccessKeyId" or "SignatureDoesNotMatch" } =>
            "the access key and the secret key are not accepted; check both",
        AmazonServiceException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } =>
            "these keys may not do this; they need to list the bucket and to read, write and delete its objects",
        AmazonServiceException { StatusCode: HttpStatusCode.MovedPermanently } or
            AmazonServiceException { ErrorCode: "AuthorizationHeaderMalformed" } =>
            $"the bucket is in another region or at another endpoint ({error.Message})",
        AmazonServiceException { InnerException: HttpRequestException inner } => Unreachable(inner),
        HttpRequestException => Unreachable(error),
        AmazonServiceException { ErrorCode: "NotFound" } =>
            "what answers there does not speak S3; check the endpoint",
        OperationCanceledException or TimeoutException => "the service has not answered in time",
        AmazonClientException { Message: var message } when message.Contains("resolve AWS credentials") =>
            "no keys are given, and none are in the environment, in a profile or in the role of this machine",
        AmazonClientException { Message: var message } when message.Contains("No RegionEndpoint") =>
            "give a region, or the endpoint of another service",
        AmazonServiceException or AmazonClientException => error.Message,
        _ => null,
    };

    /// <summary>Asks for no more than what all services that speak S3 know.</summary>
    private static void UseEndpoint(AmazonS3Config config, S3Options options)
    {
        bool valid = Uri.TryCreate(options.Endpoint, UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https";
        if (!valid)
            throw new ArgumentException($"{options}: the endpoint must be an address such as https://s3.example.org");
        config.ServiceURL = options.Endpoint;
        config.AuthenticationRegion = options.Region ?? "us-east-1";
        config.ForcePathStyle = options.PathStyle;
        config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
        config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
    }

    /// <summary>Sends a signed body as it is: cut into signed chunks, not every service can read it.</summary>
    private sealed class PlainUploads(AWSCredentials keys, AmazonS3Config config) : AmazonS3Client(keys, config)
    {
        public override Task<PutObjectResponse> PutObjectAsync(PutObjectRequest request, CancellationToken cancel)
        {
            request.UseChunkEncoding = false;
            return base.PutObjectAsync(request, cancel);
        }

        public override Task<UploadPartResponse> UploadPartAsync(UploadPartRequest request, CancellationToken cancel)
        {
            request.UseChunkEncoding = false;
            return base.UploadPartAsync(request, cancel);
        }
    }

    private static string Unreachable(Exception error) =>
        $"the service cannot be reached; check the endpoint, and that it runs there ({error.Message})";
}
