using System.Globalization;
using System.Text.Json;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api.Searches;

/// <summary>
/// A search's events as Server-Sent Events: each with its number as id, so that a client that lost its connection goes on
/// behind <c>Last-Event-ID</c>. Ends when the search has ended and all is sent, or when the server ends.
/// </summary>
internal sealed class EventStream(SearchStore store, string search, long after) : IResult
{
    private const int Batch = 100;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var cancel = httpContext.RequestAborted;
        var response = httpContext.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        await response.StartAsync(cancel);
        long sent = LastEventId(httpContext.Request) ?? after;
        long silentSince = Environment.TickCount64;
        var stopping = httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        while (!cancel.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            // Read before the events: what ended by then has written all of them.
            var now = store.FindSearch(search);
            bool finished = now is not { IsFinished: false };
            if (!finished)
                store.Ask(now!);
            var events = store.ListEvents(search, sent, Batch);
            foreach (var row in events)
            {
                string data = JsonSerializer.Serialize(EventResponse.Of(row), SearchJson.Options);
                await response.WriteAsync($"id: {row.Number}\nevent: {row.Type}\ndata: {data}\n\n", cancel);
                sent = row.Number;
            }

            if (events.Count == 0 && finished)
                return;
            if (events.Count > 0 || Environment.TickCount64 - silentSince >= Heartbeat.TotalMilliseconds)
            {
                if (events.Count == 0)
                    await response.WriteAsync(": still here\n\n", cancel);
                silentSince = Environment.TickCount64;
                await response.Body.FlushAsync(cancel);
            }

            if (events.Count < Batch)
                await Task.Delay(PollInterval, cancel);
        }
    }

    private static long? LastEventId(HttpRequest request) =>
        long.TryParse(request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out long id) ? id : null;
}
