using System.Globalization;
using System.Text;
using Bet.Api.Problems;
using Bet.Jobs.Storage;
using Microsoft.AspNetCore.WebUtilities;

namespace Bet.Api;

/// <summary>One page of a list, newest first.</summary>
/// <param name="Items">The entries.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Cursors and limits of lists.</summary>
public static class Paging
{
    public const int DefaultLimit = 20;
    public const int LargestLimit = 100;

    public static ListCursor? Cursor(string? cursor)
    {
        if (string.IsNullOrEmpty(cursor))
            return null;
        try
        {
            string[] parts = Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(cursor)).Split(' ', 2);
            if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long at))
                return new ListCursor(at, parts[1]);
        }
        catch (FormatException)
        {
            // Not of our making; said below.
        }

        throw RequestException.Invalid(new FieldError("cursor", cursor, "give 'next' of the page before, as it was answered"));
    }

    /// <summary>A page from one row more than it holds.</summary>
    public static Page<TResponse> Of<TRow, TResponse>(
        IReadOnlyList<TRow> rows, int limit, Func<TRow, TResponse> response, Func<TRow, ListCursor> cursor)
    {
        string? next = null;
        if (rows.Count > limit)
        {
            var last = cursor(rows[limit - 1]);
            next = WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{last.CreatedAt} {last.Id}")));
        }

        return new Page<TResponse>(rows.Take(limit).Select(response).ToList(), next);
    }
}
