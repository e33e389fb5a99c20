using System.Text.Json.Nodes;

namespace Bet.Engine.Artifacts;

/// <summary>A file of the artifacts.</summary>
/// <param name="Sha256">SHA-256 of its bytes, lower-case hex.</param>
public sealed record ManifestFile(string Name, long Bytes, string Sha256);

/// <summary>
/// manifest.json: every other file with its hash, what wrote them, the search's options and the proof that the table
/// keeps its budget. <see cref="ManifestVerifier"/> checks it.
/// </summary>
/// <param name="FormatVersion">1.</param>
/// <param name="EngineVersion">Version of Bet.Engine.</param>
/// <param name="Options">The search's options, as they were.</param>
/// <param name="Files">In the order in which they were written.</param>
public sealed record Manifest(
    int FormatVersion, string EngineVersion, JsonNode? Options, BudgetProof Budget, IReadOnlyList<ManifestFile> Files)
{
    /// <summary>The file's name among the artifacts.</summary>
    public const string Name = "manifest.json";

    /// <summary>The version that is written, and the only one that is read.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The version of this engine, "0.1.0".</summary>
    public static string CurrentEngine { get; } = typeof(Manifest).Assembly.GetName().Version!.ToString(3);
}
