using Bet.Jobs.Storage;

namespace Bet.Api.Operations;

/// <summary>A step that a worker has now.</summary>
/// <param name="Search">The search's id.</param>
/// <param name="Step">The step's name.</param>
/// <param name="Attempt">From 1: how often it was begun since it was last handed back.</param>
/// <param name="StartedAt">When the worker took it.</param>
public sealed record WorkerStepResponse(string Search, string Step, int Attempt, DateTimeOffset StartedAt);

/// <summary>A process that works on searches.</summary>
/// <param name="Name">Its own; no two have the same.</param>
/// <param name="Host">The machine.</param>
/// <param name="Device">What it computes with: cpu.</param>
/// <param name="Queues">The queues that it serves.</param>
/// <param name="Slots">How many steps it takes at once.</param>
/// <param name="Version">Of the program.</param>
/// <param name="StartedAt">When it came.</param>
/// <param name="SeenAt">When it last said that it is there.</param>
/// <param name="Steps">What it does now.</param>
public sealed record WorkerResponse(
    string Name, string Host, string Device, IReadOnlyList<string> Queues, int Slots, string Version,
    DateTimeOffset StartedAt, DateTimeOffset SeenAt, IReadOnlyList<WorkerStepResponse> Steps)
{
    public static IReadOnlyList<WorkerResponse> All(SearchStore store)
    {
        var steps = store.ListRunningSteps().ToLookup(
            step => step.Worker.Split('/')[0],
            step => new WorkerStepResponse(step.Search, step.Name, step.Attempts, Time(step.StartedAt)));
        return
        [
            .. store.ListWorkers().Select(row => new WorkerResponse(
                row.Name, row.Host, row.Device, row.Queues.Split(','), row.Slots, row.Version, Time(row.StartedAt),
                Time(row.SeenAt), [.. steps[row.Name]])),
        ];
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
