using System.Text.Json;
using System.Text.Json.Serialization;
using Bet.Engine.Artifacts;
using Bet.Engine.Data;
using Bet.Engine.Training;

namespace Bet.Engine.Search;

/// <summary>What the steps of a search store, by name and typed. A step's JSON is written last: it says that the step is done.</summary>
internal sealed class SearchFiles(IStepStore store)
{
    public const string PreparedName = "prepared.bin";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public IStepStore Store => store;

    public bool Has(string name)
    {
        using var stream = store.OpenRead(name);
        return stream is not null;
    }

    public PreparedDataset ReadPrepared()
    {
        using var stream = Open(PreparedName);
        return PreparedDatasetFile.Read(stream);
    }

    public void WritePrepared(PreparedDataset data) =>
        store.Write(PreparedName, stream => PreparedDatasetFile.Write(stream, data));

    public TrainedWeights ReadWeights(string step)
    {
        using var table = Open(TableName(step));
        using var dense = store.OpenRead(DenseName(step));
        return new TrainedWeights(TableFile.Read(table), dense is null ? [] : BackboneFile.Read(dense));
    }

    public void WriteWeights(string step, TrainedWeights weights)
    {
        store.Write(TableName(step), stream => TableFile.Write(stream, weights.Table));
        if (weights.Dense.Count > 0)
            store.Write(DenseName(step), stream => BackboneFile.Write(stream, weights.Dense));
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

    /// <summary>The file whose presence says that the step is done.</summary>
    public static string DoneName(SearchStep step) => step.Kind switch
    {
        StepKind.Prepare => PreparedName,
        StepKind.Export => BudgetedSearch.ArtifactPrefix + Manifest.Name,
        StepKind.Curve => BudgetedSearch.ArtifactPrefix + QualityCurve.FileName,
        _ => ResultName(step.Name),
    };

    private static string ResultName(string step) => step + ".json";

    private static string TableName(string step) => step + ".safetensors";

    private static string DenseName(string step) => step + ".backbone.safetensors";

    private Stream Open(string name) =>
        store.OpenRead(name) ?? throw new InvalidOperationException($"'{name}' is not stored yet: its step has not run");
}
