namespace Bet.Api.Problems;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Field">Its name in the request, "budget.sparsity"; empty where the request as a whole is meant.</param>
/// <param name="Given">What was given; null where nothing was.</param>
/// <param name="Message">What is wrong with it and what would do.</param>
public sealed record FieldError(string Field, object? Given, string Message);

/// <summary>A request that cannot be met, as its client will read it.</summary>
public sealed class RequestException(int status, string code, string title, string detail, params FieldError[] errors)
    : Exception(detail)
{
    public int Status { get; } = status;

    /// <summary>Stable; for programs to act on.</summary>
    public string Code { get; } = code;

    public string Title { get; } = title;

    public IReadOnlyList<FieldError> Errors { get; } = errors;

    /// <summary>400: something in the request is not what it should be.</summary>
    public static RequestException Invalid(params FieldError[] errors) => new(
        StatusCodes.Status400BadRequest, "invalid-request", "The request is not valid",
        string.Join("; ", errors.Select(e => e.Field.Length == 0 ? e.Message : $"{e.Field}: {e.Message}")), errors);

    /// <summary>404.</summary>
    public static RequestException Unknown(string what, string id) => new(
        StatusCodes.Status404NotFound, "unknown-" + what.Replace(' ', '-'), $"There is no such {what}",
        $"no {what} has the id '{id}'; see GET /v1/{what switch { "data set" => "datasets", "table" => "tables", _ => "searches" }}");

    /// <summary>413.</summary>
    public static RequestException TooLarge(long cap) => new(
        StatusCodes.Status413PayloadTooLarge, "too-large", "The upload is too large",
        $"an upload may be {cap} bytes long; send it compressed with gzip, or ask the operator to raise Bet:MaximumUploadBytes");
}
