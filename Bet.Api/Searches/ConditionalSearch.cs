using System.Globalization;
using Bet.Jobs.Storage;
using Microsoft.Net.Http.Headers;

namespace Bet.Api.Searches;

/// <summary>Cheap ways to follow a search: an ETag that changes with it, and waiting for a change.</summary>
internal static class ConditionalSearch
{
    private const int LongestWaitSeconds = 60;

    /// <summary>Short enough for a person; one look-up by key costs some microseconds.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether the client has this state of the search already.</summary>
    public static bool IsKnown(HttpRequest request, SearchView search) =>
        request.GetTypedHeaders().IfNoneMatch.Any(
            tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(search.Tag, useStrongComparison: false));

    /// <summary>
    /// <c>Prefer: wait=N</c> (RFC 7240): answers when the search differs from the client's <c>If-None-Match</c>, or,
    /// without one, when it has ended; after N seconds, or when the server ends, in any case.
    /// </summary>
    public static async Task<SearchView?> Follow(HttpContext context, SearchStore store, string id)
    {
        var search = Ask();
        int wait = WaitOf(context.Request);
        if (wait > 0)
            context.Response.Headers["Preference-Applied"] = $"wait={wait}";
        long end = Environment.TickCount64 + (wait * 1000L);
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        bool conditional = context.Request.Headers.IfNoneMatch.Count > 0;
        while (search is { Row.IsFinished: false } && Environment.TickCount64 < end && !stopping.IsCancellationRequested
            && (!conditional || IsKnown(context.Request, search)))
        {
            await Task.Delay(PollInterval, context.RequestAborted);
            search = Ask();
        }

        return search;

        SearchView? Ask()
        {
            if (store.FindSearch(id) is not { } row)
                return null;
            store.Ask(row);
            return SearchView.Of(row, store);
        }
    }

    private static int WaitOf(HttpRequest request)
    {
        foreach (string preference in request.Headers["Prefer"].SelectMany(line => (line ?? "").Split(',', ';')))
        {
            string[] parts = preference.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts is [var name, var value] && name.Equals("wait", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
                return Math.Min(seconds, LongestWaitSeconds);
        }

        return 0;
    }
}
