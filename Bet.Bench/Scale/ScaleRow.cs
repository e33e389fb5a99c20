using System.Text.Encodings.Web;
using System.Text.Json;
using Bet.Engine.Training;

namespace Bet.Bench.Scale;

/// <summary>One size with one backbone, measured in a process of its own.</summary>
public sealed record ScaleRow
{
    /// <summary>How the names of files with such rows end.</summary>
    public const string FileEnd = "-scale.json";

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public required string Backbone { get; init; }

    public required int Interactions { get; init; }

    public required int Users { get; init; }

    public required int Items { get; init; }

    public required int Train { get; init; }

    /// <summary>Values in a row of the tables.</summary>
    public required int Columns { get; init; }

    public required int Layers { get; init; }

    public required int Batch { get; init; }

    public required double GenerateSeconds { get; init; }

    public required double PrepareSeconds { get; init; }

    /// <summary>Tables, backbone and trainer.</summary>
    public required double BuildSeconds { get; init; }

    /// <summary>Wall time of the fastest warm step.</summary>
    public required double StepSeconds { get; init; }

    public required int Steps { get; init; }

    public required double RankSeconds { get; init; }

    public required int RankedUsers { get; init; }

    /// <summary>Processor time over interactions; one thread.</summary>
    public required double GenerateNanoseconds { get; init; }

    /// <summary>Processor time over interactions; one thread.</summary>
    public required double PrepareNanoseconds { get; init; }

    /// <summary>Least processor time of a warm step, of all threads together, over its batch.</summary>
    public required double StepNanoseconds { get; init; }

    /// <summary>Steps of an epoch.</summary>
    public double StepsPerEpoch => (double)Train / Batch;

    /// <summary>Processor time of a step over all training interactions: what a step does to every row and edge.</summary>
    public double StepNanosecondsOfTrain => StepNanoseconds / StepsPerEpoch;

    /// <summary>High-water mark of resident memory when the data were prepared.</summary>
    public required long PreparePeakBytes { get; init; }

    /// <summary>High-water mark of resident memory in the end.</summary>
    public required long PeakBytes { get; init; }

    public required long EstimatedPrepareBytes { get; init; }

    public required long EstimatedBytes { get; init; }

    /// <summary>Measured over estimated.</summary>
    public double Ratio => (double)PeakBytes / EstimatedBytes;

    /// <summary>What the estimate is the sum of.</summary>
    public required IReadOnlyList<MemoryComponent> Components { get; init; }

    public required int Threads { get; init; }

    public required ulong Seed { get; init; }

    public required string Machine { get; init; }

    public required string Commit { get; init; }

    /// <summary>UTC.</summary>
    public required string Date { get; init; }

    public static ScaleRow Parse(string json) =>
        JsonSerializer.Deserialize<ScaleRow>(json, Options) ?? throw new JsonException("not a row of a scale measurement");

    public string ToJson() => JsonSerializer.Serialize(this, new JsonSerializerOptions(Options) { WriteIndented = false });

    public static IReadOnlyList<ScaleRow> Read(string path) => File.Exists(path)
        ? JsonSerializer.Deserialize<List<ScaleRow>>(File.ReadAllText(path), Options) ?? []
        : [];

    /// <summary>Writes the rows that a file has and the new ones, which take the place of those of the same size.</summary>
    public static IReadOnlyList<ScaleRow> Merge(string path, IReadOnlyList<ScaleRow> rows)
    {
        IReadOnlyList<ScaleRow> merged =
        [
            .. rows.Concat(Read(path))
                .DistinctBy(row => (row.Backbone, row.Interactions, row.Columns, row.Layers))
                .OrderBy(row => row.Backbone, StringComparer.Ordinal).ThenBy(row => row.Columns).ThenBy(row => row.Interactions),
        ];
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, JsonSerializer.Serialize(merged, Options) + "\n");
        return merged;
    }
}
