namespace Bet.Engine.Artifacts;

/// <summary>A backbone's weight that is no embedding.</summary>
/// <param name="Values">float32 [Rows, Columns], row-major.</param>
public sealed record DenseWeight(string Name, int Rows, int Columns, float[] Values);

/// <summary>A file that a caller adds to the artifacts, a report for example.</summary>
/// <param name="Name">A plain file name.</param>
/// <param name="Write">Writes the content; the same bytes at every call.</param>
public sealed record AdditionalFile(string Name, Action<Stream> Write);

/// <summary>A search's answer, everything that its artifacts are written from.</summary>
public sealed record TrainedTable
{
    public required PackedTable Table { get; init; }

    /// <summary>Raw ids by row.</summary>
    public required IReadOnlyList<string> UserIds { get; init; }

    /// <summary>Raw ids by row.</summary>
    public required IReadOnlyList<string> ItemIds { get; init; }

    /// <summary>Training interactions by row.</summary>
    public required IReadOnlyList<int> UserFrequencies { get; init; }

    /// <summary>Training interactions by row.</summary>
    public required IReadOnlyList<int> ItemFrequencies { get; init; }

    /// <summary>Becomes metrics.json; see <see cref="ArtifactJson"/>.</summary>
    public required object Metrics { get; init; }

    /// <summary>Becomes the manifest's options; see <see cref="ArtifactJson"/>.</summary>
    public required object Options { get; init; }

    /// <summary>Become backbone.safetensors; where there are none, there is no such file.</summary>
    public IReadOnlyList<DenseWeight> DenseWeights { get; init; } = [];

    public IReadOnlyList<AdditionalFile> AdditionalFiles { get; init; } = [];
}
