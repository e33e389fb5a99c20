using System.Data.Common;
using System.Text.Json;
using Bet.Engine.Data;
using Bet.Jobs.Pipeline;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;

namespace Bet.Api.Problems;

/// <summary>RFC 9457 problem details with a stable <c>type</c>, a <c>code</c>, and <c>errors</c> that name each field.</summary>
/// <param name="Type">A URN, "urn:bet:problem:invalid-request".</param>
/// <param name="Title">The kind of problem, for a person.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">This problem, for a person: what is wrong and what would do.</param>
/// <param name="Code">The kind of problem, for a program.</param>
/// <param name="Errors">One entry for each field that is wrong.</param>
public sealed record Problem(
    string Type, string Title, int Status, string Detail, string Code, IReadOnlyList<FieldError> Errors);

/// <summary>Turns what went wrong into problem details.</summary>
public static class ProblemWriter
{
    /// <summary>PostgreSQL's code (SQL:2003, class 22) for a text with U+0000.</summary>
    private const string CharacterNotInRepertoire = "22021";

    public static void UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = Handle,
            // A problem of the client's is no error of ours and does not belong in the log.
            SuppressDiagnosticsCallback = context => ToProblem(context.Exception) is not null,
        });
        app.UseStatusCodePages(context =>
        {
            var response = context.HttpContext.Response;
            var request = context.HttpContext.Request;
            string title = ReasonPhrases.GetReasonPhrase(response.StatusCode);
            string advice = response.StatusCode == StatusCodes.Status415UnsupportedMediaType
                ? "send the body as JSON, with the header 'Content-Type: application/json'"
                : "/swagger lists what there is";
            return Write(context.HttpContext, new RequestException(
                response.StatusCode, title.ToLowerInvariant().Replace(' ', '-'), title,
                $"{request.Method} {request.Path}: {title}; {advice}"));
        });
        app.Use(async (context, next) =>
        {
            await next(context);
            if (context.Response is { StatusCode: StatusCodes.Status416RangeNotSatisfiable, HasStarted: false })
                await RefuseRange(context);
        });
    }

    public static Task Write(HttpContext context, RequestException e)
    {
        context.Response.StatusCode = e.Status;
        var problem = new Problem($"urn:bet:problem:{e.Code}", e.Title, e.Status, e.Message, e.Code, e.Errors);
        return context.Response.WriteAsJsonAsync(
            problem, SearchJson.Options, "application/problem+json", context.RequestAborted);
    }

    /// <summary>The framework answers with the headers of the file and no body.</summary>
    private static Task RefuseRange(HttpContext context)
    {
        var length = context.Response.GetTypedHeaders().ContentRange;
        context.Response.Clear();
        context.Response.GetTypedHeaders().ContentRange = length;
        return Write(context, new RequestException(
            StatusCodes.Status416RangeNotSatisfiable, "range-not-satisfiable", "There is no such range",
            $"'Range: {context.Request.Headers.Range}' was given; the file has {length?.Length} bytes, counted from 0"));
    }

    private static Task Handle(HttpContext context)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()!.Error;
        return Write(context, ToProblem(error) ?? new RequestException(
            StatusCodes.Status500InternalServerError, "internal", "The server failed",
            $"the server's log has the reason under {context.TraceIdentifier}"));
    }

    private static RequestException? ToProblem(Exception error) => error switch
    {
        RequestException e => e,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } e => new RequestException(
            e.StatusCode, "too-large", "The request is too large", e.Message),
        BadHttpRequestException e => new RequestException(e.StatusCode, "invalid-request", "The request is not valid", e.Message),
        DataTooLargeException e => new RequestException(
            StatusCodes.Status413PayloadTooLarge, "too-large", "The data set is too large", e.Message),
        DbException { SqlState: CharacterNotInRepertoire } => RequestException.Invalid(
            new FieldError("", null, "a text has the character U+0000, which no text of the database can have; leave it out")),
        DbException => new RequestException(
            StatusCodes.Status503ServiceUnavailable, "unavailable", "The database does not answer",
            "nothing is lost; send the request again in a moment"),
        JsonException e => RequestException.Invalid(new FieldError("", null, e.Message)),
        _ => null,
    };
}
