namespace Bet.Engine.Artifacts;

/// <summary>
/// backbone.safetensors: a backbone's weights that are no embeddings, float32 [rows, columns] by name. Metadata:
/// <c>format</c> and <c>format_version</c>.
/// </summary>
public static class BackboneFile
{
    /// <summary>The file's name among the artifacts.</summary>
    public const string Name = "backbone.safetensors";

    private const string Format = "bet.backbone";

    public static void Write(Stream stream, IReadOnlyList<DenseWeight> weights) => SafeTensors.Write(
        stream,
        new Dictionary<string, string> { ["format"] = Format, ["format_version"] = "1" },
        [.. weights.Select(weight => TensorContent.From(weight.Name, weight.Values, weight.Rows, weight.Columns))]);

    /// <param name="stream">Seekable; stays open.</param>
    /// <exception cref="InvalidDataException">Not such a file.</exception>
    public static IReadOnlyList<DenseWeight> Read(Stream stream)
    {
        var reader = new SafeTensorsReader(stream);
        if (!reader.Metadata.TryGetValue("format", out string? format) || format != Format)
            throw new InvalidDataException($"the file's format is '{format}', '{Format}' was expected");
        return [.. reader.Layout.Tensors.Select(tensor => new DenseWeight(
            tensor.Name, (int)tensor.Shape[0], (int)tensor.Shape[1], reader.Read<float>(tensor.Name)))];
    }
}
