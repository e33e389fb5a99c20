using System.Text.RegularExpressions;
using Bet.Api.Problems;
using Bet.Engine.Data;

namespace Bet.Api.Datasets;

/// <summary>What the engine says of a file or of its format, with its options under the names of the request's fields.</summary>
internal static class ReadingProblem
{
    private static readonly Dictionary<string, string> FieldOf = UploadFields.OfFormats
        .Select(field => (Option: char.ToUpperInvariant(field[0]) + field[1..], Field: field))
        .Append(("Kind", "format"))
        .Append(("HasHeader", "header"))
        .ToDictionary();

    /// <summary>An option, or what is quoted of the file or the request, which stays as it is.</summary>
    private static readonly Regex Option = new($@"'[^']*'|\b({string.Join('|', FieldOf.Keys)})\b");

    /// <summary>A file that is not what the fields say: the field is the one that the message speaks of, or else the file.</summary>
    public static RequestException Of(DataFormatException e, UploadFields fields)
    {
        if (e.Expected.Contains("after gzip", StringComparison.Ordinal))
            return new RequestException(
                StatusCodes.Status413PayloadTooLarge, "too-large", "The upload is too large once unpacked",
                e.Message, new FieldError(e.File, null, e.Message));
        var (expected, field) = InFields(e.Expected);
        var (found, other) = InFields(e.Found);
        field ??= other;
        string message = new DataFormatException(e.File, e.Line, expected, found).Message;
        return new RequestException(
            StatusCodes.Status400BadRequest, "unreadable-data", "The file is no data set", message,
            new FieldError(field ?? e.File, field is null ? e.Found : fields.Get(field), message));
    }

    /// <summary>Fields that make no sense.</summary>
    public static RequestException Of(ArgumentException e, UploadFields fields)
    {
        var (message, field) = InFields(e.Message);
        field ??= message.EndsWith("have no header.", StringComparison.Ordinal) ? "header" : "";
        return RequestException.Invalid(new FieldError(field, fields.Get(field), message));
    }

    private static (string Text, string? FirstField) InFields(string text)
    {
        string? first = null;
        string told = Option.Replace(text, option =>
        {
            if (!FieldOf.TryGetValue(option.Value, out string? field))
                return option.Value;
            first ??= field;
            return field;
        });
        return (told, first);
    }
}
