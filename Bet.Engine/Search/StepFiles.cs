using System.Text.Json;
using System.Text.Json.Serialization;
using Bet.Engine.Artifacts;

namespace Bet.Engine.Search;

/// <summary>What the steps of a search store, by name and typed. A step's JSON is written last: it says that the step is done.</summary>
internal class StepFiles(IStepStore store)
{
    /// <summary>The split data.</summary>
    public const string PreparedName = "prepared.bin";

    /// <summary>The row of the table that a cancelled search is left with, where no searched one was trained to the end.</summary>
    public const string BestSoFarName = "best";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // Metrics of test parts that do not define them.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public IStepStore Store => store;

    /// <summary>Whether the step's result is stored.</summary>
    public bool IsDone(SearchStep step)
    {
        using var stream = store.OpenRead(DoneName(step));
        return stream is not null;
    }

    public T? TryRead<T>(string step) where T : class
    {
        using var stream = store.OpenRead(ResultName(step));
        return stream is null ? null : JsonSerializer.Deserialize<T>(stream, Json);
    }

    public T Read<T>(string step) where T : class =>
        TryRead<T>(step) ?? throw new InvalidOperationException($"step '{step}' has no result yet");

    public void Write<T>(string step, T result) =>
        store.Write(ResultName(step), stream => JsonSerializer.Serialize(stream, result, Json));

    /// <summary>The results that there are of some steps, in order, each with its step's name.</summary>
    public List<(string Step, T Result)> ReadAll<T>(IEnumerable<SearchStep> steps) where T : class =>
    [
        .. steps.Select(step => (step.Name, Result: TryRead<T>(step.Name)))
            .Where(row => row.Result is not null)
            .Select(row => (row.Name, row.Result!)),
    ];

    protected static string TableName(string step) => step + ".safetensors";

    protected static string DenseName(string step) => step + ".backbone.safetensors";

    protected Stream Open(string name) =>
        store.OpenRead(name) ?? throw new InvalidOperationException($"'{name}' is not stored yet: its step has not run");

    /// <summary>The file whose presence says that the step is done.</summary>
    private static string DoneName(SearchStep step) => step.Kind switch
    {
        StepKind.Prepare => PreparedName,
        StepKind.Export => StepSearch.ArtifactPrefix + Manifest.Name,
        StepKind.Curve => StepSearch.ArtifactPrefix + QualityCurve.FileName,
        _ => ResultName(step.Name),
    };

    private static string ResultName(string step) => step + ".json";
}
