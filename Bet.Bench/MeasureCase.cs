namespace Bet.Bench;

/// <summary>A measure: its name and what it takes to run it once.</summary>
/// <param name="Name">As it is asked for.</param>
/// <param name="Summary">One line for a person.</param>
/// <param name="Cases">What it measures, one after another; each is disposed before the next is made.</param>
public sealed record Measure(string Name, string Summary, Func<Workload, IEnumerable<MeasureCase>> Cases);

/// <summary>One piece of work, ready to be done again and again, and the peer that does the same.</summary>
public sealed class MeasureCase(string name, params IDisposable[] owned) : IDisposable
{
    public string Name { get; } = name;

    /// <summary>Does the work once; the check's value, or null.</summary>
    public required Func<double?> Ours { get; init; }

    /// <summary>
    /// How often a run does the work, one right after the other: enough that a run takes tens of milliseconds, as work
    /// that is done again and again finds its threads awake and the caches as it left them.
    /// </summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Shapes and data, for the median milliseconds of ours.</summary>
    public required Func<double, string> Detail { get; init; }

    /// <summary>A file of bench/peers; null where no other system does the same, or where there is <see cref="StartPeer"/>.</summary>
    public string? PeerScript { get; init; }

    public IReadOnlyList<string> PeerArguments { get; init; } = [];

    /// <summary>Starts the peer where it is another configuration of this program.</summary>
    public Func<Peer>? StartPeer { get; init; }

    /// <summary>
    /// The most memory ours held, in millions of bytes, where that is what is compared; asked once, after all runs.
    /// </summary>
    public Func<double?>? PeakMegabytes { get; init; }

    /// <summary>What both sides must agree on: "Recall@20".</summary>
    public string? CheckName { get; init; }

    public void Dispose()
    {
        foreach (var part in owned)
            part.Dispose();
    }
}
