using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Bet.Engine.Artifacts;

/// <summary>
/// How artifacts are written as JSON: camelCase, enumerations by name, nulls left out, and no wall times: a property
/// named Seconds is left out, so that the same search gives the same bytes. Numbers that JSON has not are "NaN",
/// "Infinity" and "-Infinity".
/// </summary>
public static class ArtifactJson
{
    /// <summary>For a file that people read as well.</summary>
    public static readonly JsonSerializerOptions Indented = Create(indented: true);

    /// <summary>For a value inside another file.</summary>
    public static readonly JsonSerializerOptions Compact = Create(indented: false);

    private static JsonSerializerOptions Create(bool indented)
    {
        var resolver = new DefaultJsonTypeInfoResolver();
        resolver.Modifiers.Add(LeaveOutWallTimes);
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = indented,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            TypeInfoResolver = resolver,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.MakeReadOnly();
        return options;
    }

    private static void LeaveOutWallTimes(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.Name == "seconds")
                property.ShouldSerialize = (_, _) => false;
        }
    }
}
