using System.Text.Json;
using System.Text.Json.Serialization;
using Bet.Engine.Artifacts;
using Bet.Engine.Clicks;
using Bet.Engine.Fields;
using Bet.Engine.Search;

namespace Bet.Engine.ClickSearches;

/// <summary>What the steps store, by name and typed. A step's JSON is written last: it says that the step is done.</summary>
internal sealed class ClickFiles(IStepStore store)
{
    /// <summary>A <see cref="ClickBasis"/>.</summary>
    public const string BasisName = "basis";

    private const string PreparedName = "prepared.bin";

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

    public PreparedClicks ReadPrepared()
    {
        using var stream = Open(PreparedName);
        return PreparedClicksFile.Read(stream);
    }

    public void WritePrepared(PreparedClicks data) => store.Write(PreparedName, stream => PreparedClicksFile.Write(stream, data));

    public (PackedFields Tables, IReadOnlyList<DenseWeight> Dense) ReadWeights(string step)
    {
        using var tables = Open(TableName(step));
        using var dense = Open(DenseName(step));
        return (FieldTableFile.Read(tables), BackboneFile.Read(dense));
    }

    public void WriteWeights(string step, PackedFields tables, IReadOnlyList<DenseWeight> dense)
    {
        store.Write(TableName(step), stream => FieldTableFile.Write(stream, tables));
        store.Write(DenseName(step), stream => BackboneFile.Write(stream, dense));
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
        _ => ResultName(step.Name),
    };

    private static string ResultName(string step) => step + ".json";

    private static string TableName(string step) => step + ".safetensors";

    private static string DenseName(string step) => step + ".backbone.safetensors";

    private Stream Open(string name) =>
        store.OpenRead(name) ?? throw new InvalidOperationException($"'{name}' is not stored yet: its step has not run");
}
