using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Bet.Jobs.Storage;

namespace Bet.Api.Operations;

/// <summary>What the server has done, in Prometheus' text format.</summary>
public sealed class Metrics : IDisposable
{
    private readonly SearchStore store;
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<(string Method, int Status), (long Count, double Seconds)> requests = new();

    public Metrics(SearchStore store)
    {
        this.store = store;
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument is { Meter.Name: "Microsoft.AspNetCore.Hosting", Name: "http.server.request.duration" })
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) => Count(seconds, tags));
        listener.Start();
    }

    public string Write()
    {
        var text = new StringBuilder();
        Family(text, "bet_searches", "gauge", "Searches by state.");
        var counts = store.CountSearches();
        foreach (var state in Enum.GetValues<SearchState>())
            Line(text, $"bet_searches{{state=\"{state.ToString().ToLowerInvariant()}\"}}", counts.GetValueOrDefault(state));
        Family(text, "bet_datasets", "gauge", "Data sets.");
        Line(text, "bet_datasets", store.CountDatasets());
        WriteQueues(text);
        Family(text, "bet_http_requests_total", "counter", "Requests by method and status.");
        var seen = requests.OrderBy(r => r.Key).ToList();
        foreach (var ((method, status), (count, _)) in seen)
            Line(text, $"bet_http_requests_total{{method=\"{method}\",status=\"{status}\"}}", count);
        Family(text, "bet_http_request_seconds_total", "counter", "Time spent on requests.");
        foreach (var ((method, status), (_, seconds)) in seen)
            Line(text, $"bet_http_request_seconds_total{{method=\"{method}\",status=\"{status}\"}}", seconds);
        using var process = Process.GetCurrentProcess();
        Family(text, "process_resident_memory_bytes", "gauge", "Memory in use.");
        Line(text, "process_resident_memory_bytes", process.WorkingSet64);
        Family(text, "process_cpu_seconds_total", "counter", "Processor time used.");
        Line(text, "process_cpu_seconds_total", process.TotalProcessorTime.TotalSeconds);
        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private void WriteQueues(StringBuilder text)
    {
        Family(text, "bet_workers", "gauge", "Processes that work on searches.");
        Line(text, "bet_workers", store.ListWorkers().Count);
        var queues = store.ListQueues();
        Family(text, "bet_queue_steps", "gauge", "Steps by queue: ready to be taken, running, or lost with their worker.");
        foreach (var queue in queues)
        {
            Line(text, $"bet_queue_steps{{queue=\"{queue.Name}\",state=\"ready\"}}", queue.Ready);
            Line(text, $"bet_queue_steps{{queue=\"{queue.Name}\",state=\"running\"}}", queue.Running);
            Line(text, $"bet_queue_steps{{queue=\"{queue.Name}\",state=\"lost\"}}", queue.Lost);
        }

        Family(text, "bet_queue_oldest_wait_seconds", "gauge", "How long the search at the head of a queue has waited for a worker.");
        foreach (var queue in queues)
            Line(text, $"bet_queue_oldest_wait_seconds{{queue=\"{queue.Name}\"}}", queue.OldestWait / 1000.0);
    }

    private void Count(double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string method = "";
        int status = 0;
        foreach (var (name, value) in tags)
        {
            if (name == "http.request.method")
                method = value as string ?? "";
            else if (name == "http.response.status_code" && value is int code)
                status = code;
        }

        requests.AddOrUpdate((method, status), (1, seconds), (_, sum) => (sum.Count + 1, sum.Seconds + seconds));
    }

    private static void Family(StringBuilder text, string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private static void Line(StringBuilder text, string series, double value) =>
        text.Append(series).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
