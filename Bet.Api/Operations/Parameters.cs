using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Bet.Api.Problems;
using Microsoft.AspNetCore.Http.Metadata;

namespace Bet.Api.Operations;

/// <summary>
/// Refuses what an operation does not take, before it is begun: parameters of the query that it does not know, and values of
/// the query and the path that are not of their kind.
/// </summary>
internal static class Parameters
{
    /// <summary>The operation looks at its query by itself.</summary>
    public static RouteHandlerBuilder ReadsItsQuery(this RouteHandlerBuilder builder) => builder.WithMetadata(new OwnQuery());

    public static void UseParameters(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint && AreCheckedOf(context.Request.Path))
            Check(context.Request, endpoint);
        return next(context);
    });

    /// <summary>Whether a path is one of the service's: health checks may come with anything.</summary>
    public static bool AreCheckedOf(PathString path) => path.StartsWithSegments("/v1");

    private static void Check(HttpRequest request, RouteEndpoint endpoint)
    {
        var parameters = endpoint.Metadata.GetOrderedMetadata<IParameterBindingMetadata>()
            .Where(parameter => parameter.HasTryParse || parameter.ParameterInfo.ParameterType == typeof(string))
            .ToLookup(parameter => endpoint.RoutePattern.GetParameter(parameter.Name) is not null);
        var errors = parameters[true]
            .Select(part => Wrong(part, request.RouteValues[part.Name]?.ToString() ?? ""));
        if (endpoint.Metadata.GetMetadata<OwnQuery>() is null)
            errors = errors.Concat(request.Query.Select(given => WrongOf(parameters[false], given.Key, given.Value.ToString())));
        if (errors.OfType<FieldError>().ToArray() is { Length: > 0 } wrong)
            throw RequestException.Invalid(wrong);
    }

    private static FieldError? WrongOf(IEnumerable<IParameterBindingMetadata> known, string name, string given)
    {
        string[] names = [.. known.Select(parameter => parameter.Name)];
        return known.FirstOrDefault(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } parameter
            ? Wrong(parameter, given)
            : new FieldError(name, given, names.Length == 0
                ? "there is no such parameter; this operation has none"
                : $"there is no such parameter; there are {string.Join(", ", names)}");
    }

    private static FieldError? Wrong(IParameterBindingMetadata parameter, string given)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterInfo.ParameterType) ?? parameter.ParameterInfo.ParameterType;
        string? expected = Word.OfParameter(type) is { } words ? ExpectedOf(words, given)
            : type == typeof(int) || type == typeof(long) ? ExpectedOf(parameter.ParameterInfo.GetCustomAttribute<RangeAttribute>(), given)
            : type == typeof(ulong) ? ulong.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? null : "a whole number of at least 0"
            : type == typeof(double) ? double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? null : "a number, such as 0.25"
            : null;
        return expected is null ? null : new FieldError(parameter.Name, given, expected);
    }

    private static string? ExpectedOf(string[] words, string given) =>
        words.Contains(given, StringComparer.OrdinalIgnoreCase) ? null : $"one of {string.Join(", ", words)}";

    private static string? ExpectedOf(RangeAttribute? range, string given)
    {
        bool isNumber = long.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
        if (range is null)
            return isNumber ? null : "a whole number";
        return isNumber && number >= (int)range.Minimum && number <= (int)range.Maximum
            ? null
            : $"a whole number from {range.Minimum} to {range.Maximum}";
    }

    private sealed record OwnQuery;
}
