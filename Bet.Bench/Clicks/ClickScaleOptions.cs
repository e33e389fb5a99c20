using Bet.Engine.Fields;

namespace Bet.Bench.Clicks;

/// <summary>What <c>click-scale</c> trains.</summary>
/// <param name="Categories">Of all 26 fields together.</param>
/// <param name="Method">A name of <see cref="FieldMethods"/>.</param>
/// <param name="Collisions">Categories of a row of a field's first table.</param>
/// <param name="Batch">Samples of a step.</param>
/// <param name="Steps">Of a run.</param>
/// <param name="Runs">Whose median counts.</param>
/// <param name="Threads">Of both sides.</param>
public sealed record ClickScaleOptions(int Categories, string Method, int Collisions, int Batch, int Steps, int Runs, int Threads)
{
    /// <summary>Steps before those that are timed.</summary>
    public const int Warm = 5;

    /// <summary>d, values of a feature.</summary>
    public const int Size = 16;

    public const float Rate = 0.01f;

    public const ulong Seed = 1;

    /// <summary>Samples that the loss before and after is of.</summary>
    public const int Judged = 16_384;

    public int AllSteps => Warm + (Runs * Steps);

    /// <summary>Samples of all steps: every one is trained on once.</summary>
    public int Samples => Batch * AllSteps;

    /// <exception cref="UsageException">A number is out of range, or there is no such method.</exception>
    public FieldMethod Validate()
    {
        if (Categories < 30_000 || Collisions < 1 || Batch < 1 || Steps < 1 || Runs < 1 || Threads < 1)
            throw new UsageException("--categories must be at least 30000; --collisions, --batch, --steps, --runs and --threads at least 1");
        if ((long)Batch * AllSteps * 26 > Array.MaxLength)
            throw new UsageException($"{(long)Batch * AllSteps} samples are too many to be drawn beforehand; lower --steps, --runs or --batch");
        return FieldMethods.Find(Method)
            ?? throw new UsageException($"there is no method '{Method}'; there are {FieldMethods.Known}");
    }
}

/// <summary>What came of it; a line of bench/results/clicks-scale.jsonl.</summary>
/// <param name="Categories">Of all fields.</param>
/// <param name="Method">How the fields are stored.</param>
/// <param name="Collisions">See <see cref="ClickScaleOptions"/>.</param>
/// <param name="TableBytes">Of all tables as a server holds them; Adagrad keeps as many values again while they are trained.</param>
/// <param name="Batch">Samples of a step.</param>
/// <param name="Threads">Of both sides.</param>
/// <param name="Steps">Of a run.</param>
/// <param name="SamplesPerSecond">Of every run, in order.</param>
/// <param name="PeakBytes">The most this process held resident, the samples drawn beforehand included.</param>
/// <param name="LossBefore">Log loss of samples that are not trained on, before the first step.</param>
/// <param name="LossAfter">The same after the last step.</param>
/// <param name="Load">The machine's load average over a minute, when the first run begins and when the last has ended.</param>
/// <param name="Peer">In its own words; null where it was not asked for.</param>
/// <param name="PeerSamplesPerSecond">As ours.</param>
/// <param name="PeerPeakBytes">Of its process, with memory of the formulations tried before, which its allocator keeps: no measure of what it needs.</param>
/// <param name="PeerLossBefore">As ours, from the same first values.</param>
/// <param name="PeerLossAfter">As ours, after the same batches.</param>
/// <param name="Commit">Of the program.</param>
/// <param name="Machine">Where it ran.</param>
/// <param name="Date">When it ended.</param>
public sealed record ClickScaleRow(
    int Categories, string Method, int Collisions, long TableBytes, int Batch, int Threads, int Steps,
    IReadOnlyList<double> SamplesPerSecond, long PeakBytes, double LossBefore, double LossAfter, IReadOnlyList<double> Load,
    string? Peer = null, IReadOnlyList<double>? PeerSamplesPerSecond = null, long? PeerPeakBytes = null,
    double? PeerLossBefore = null, double? PeerLossAfter = null,
    string Commit = "", string Machine = "", string Date = "");
