using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Bet.Engine.Artifacts;

/// <summary>
/// Reads a safetensors file. The whole header is checked before any value is read: offsets inside the file, without
/// overlaps or holes, sizes that agree with type and shape. Anything else is an <see cref="InvalidDataException"/>
/// that says what is wrong.
/// </summary>
public sealed class SafeTensorsReader
{
    /// <summary>The largest header that is read, the same as the format's own reader takes.</summary>
    public const long MaximumHeaderBytes = 100_000_000;

    private readonly Stream stream;
    private readonly long origin;

    /// <param name="stream">Seekable, at the file's first byte; stays open and belongs to the caller.</param>
    /// <exception cref="InvalidDataException">Not a valid safetensors file; the message says why.</exception>
    public SafeTensorsReader(Stream stream)
    {
        if (!stream.CanSeek)
            throw new ArgumentException("a safetensors file is read from a seekable stream", nameof(stream));
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("tables are read on little-endian machines only");
        this.stream = stream;
        origin = stream.Position;
        long fileBytes = stream.Length - stream.Position;
        byte[] header = ReadHeader(stream, fileBytes);
        int headerBytes = sizeof(ulong) + header.Length;
        (Metadata, List<TensorEntry> tensors) = SafeTensorsHeader.Parse(header, fileBytes - headerBytes);
        Layout = SafeTensorsLayout.Of(
            tensors.Select(tensor => tensor with { Start = tensor.Start + headerBytes }), headerBytes);
    }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    public SafeTensorsLayout Layout { get; }

    /// <summary>All values of a tensor, row-major.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, it has another type or too many values.</exception>
    public T[] Read<T>(string name)
        where T : unmanaged
    {
        TensorEntry tensor = Layout.Tensors.FirstOrDefault(tensor => tensor.Name == name)
            ?? throw new InvalidDataException($"the file has no tensor '{name}'; it has {string.Join(", ", Layout.Tensors.Select(t => t.Name))}");
        if (tensor.Type != SafeTensors.TypeOf<T>())
            throw new InvalidDataException($"tensor '{name}' is {tensor.Type}, {SafeTensors.TypeOf<T>()} was expected");
        if (tensor.Count > Array.MaxLength)
            throw new InvalidDataException($"tensor '{name}' has {tensor.Count} values, at most {Array.MaxLength} can be loaded");
        var values = new T[tensor.Count];
        stream.Position = origin + tensor.Start;
        SafeTensors.ReadValues<T>(stream, values);
        return values;
    }

    private static byte[] ReadHeader(Stream stream, long fileBytes)
    {
        if (fileBytes < sizeof(ulong))
            throw new InvalidDataException($"the file has {fileBytes} bytes, a safetensors file begins with 8 bytes of header length");
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaximumHeaderBytes)
            throw new InvalidDataException($"the header is said to have {length} bytes, at most {MaximumHeaderBytes} are read");
        if ((long)length > fileBytes - sizeof(ulong))
            throw new InvalidDataException($"the header is said to have {length} bytes, the file ends after {fileBytes - sizeof(ulong)} of them");
        var header = new byte[length];
        stream.ReadExactly(header);
        return header;
    }
}

/// <summary>The JSON header of a safetensors file and its checks.</summary>
internal static class SafeTensorsHeader
{
    /// <summary>Metadata and tensors; their starts count from the end of the header.</summary>
    public static (IReadOnlyDictionary<string, string> Metadata, List<TensorEntry> Tensors) Parse(
        byte[] header, long dataBytes)
    {
        try
        {
            // Strict, because a JSON reader may leave invalid UTF-8 in names alone.
            string json = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(header);
            if (!json.StartsWith('{'))
                throw new InvalidDataException("the header does not begin with '{'");
            using var document = JsonDocument.Parse(
                json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Parse(document.RootElement, dataBytes);
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"the header is not valid JSON: {error.Message}", error);
        }
    }

    private static (IReadOnlyDictionary<string, string> Metadata, List<TensorEntry> Tensors) Parse(
        JsonElement header, long dataBytes)
    {
        var metadata = new Dictionary<string, string>();
        var tensors = new List<TensorEntry>();
        foreach (JsonProperty property in header.EnumerateObject())
        {
            if (property.Name != SafeTensors.MetadataKey)
                tensors.Add(Tensor(property, dataBytes));
            else if (property.Value.ValueKind == JsonValueKind.Object)
                foreach (JsonProperty pair in property.Value.EnumerateObject())
                    metadata.Add(pair.Name, Text(pair.Value, pair.Name));
            else
                throw new InvalidDataException($"{SafeTensors.MetadataKey} is not an object");
        }

        CheckCover(tensors, dataBytes);
        return (metadata, tensors);
    }

    private static TensorEntry Tensor(JsonProperty property, long dataBytes)
    {
        string name = property.Name;
        if (property.Value.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"tensor '{name}' is not an object");
        string dtype = Text(Field(property.Value, name, "dtype"), $"{name}.dtype");
        if (!Enum.GetNames<TensorType>().Contains(dtype))
            throw new InvalidDataException($"tensor '{name}' has type '{dtype}', only {string.Join(", ", Enum.GetNames<TensorType>())} are read");
        TensorType type = Enum.Parse<TensorType>(dtype);
        long[] shape = Numbers(Field(property.Value, name, "shape"), $"{name}.shape");
        long[] offsets = Numbers(Field(property.Value, name, "data_offsets"), $"{name}.data_offsets");
        if (offsets is not [long start, long end] || start > end)
            throw new InvalidDataException($"tensor '{name}' has data_offsets [{string.Join(", ", offsets)}], not [begin, end]");
        if (end > dataBytes)
            throw new InvalidDataException($"tensor '{name}' ends at byte {end} of the data, which has {dataBytes} bytes: the file is truncated or its offsets are out of range");
        Int128 bytes = SafeTensors.SizeOf(type);
        foreach (long extent in shape)
        {
            bytes *= extent;
            if (bytes > long.MaxValue)
                throw new InvalidDataException($"tensor '{name}': shape [{string.Join(", ", shape)}] is too large");
        }

        if (bytes != end - start)
            throw new InvalidDataException($"tensor '{name}' takes {end - start} bytes, {dtype} [{string.Join(", ", shape)}] needs {bytes}");
        return new TensorEntry(name, type, shape, start, end - start);
    }

    private static void CheckCover(List<TensorEntry> tensors, long dataBytes)
    {
        long end = 0;
        string before = "the header";
        foreach (TensorEntry tensor in tensors.OrderBy(tensor => tensor.Start).ThenBy(tensor => tensor.Bytes))
        {
            if (tensor.Start < end)
                throw new InvalidDataException($"tensor '{tensor.Name}' begins at byte {tensor.Start} and overlaps {before}, which ends at {end}");
            if (tensor.Start > end)
                throw new InvalidDataException($"there is a hole of {tensor.Start - end} bytes between {before} and tensor '{tensor.Name}'");
            end = tensor.Start + tensor.Bytes;
            before = $"tensor '{tensor.Name}'";
        }

        if (end != dataBytes)
            throw new InvalidDataException($"{dataBytes - end} bytes follow {before}, the last tensor must end with the file");
    }

    private static JsonElement Field(JsonElement tensor, string name, string field) =>
        tensor.TryGetProperty(field, out JsonElement value)
            ? value
            : throw new InvalidDataException($"tensor '{name}' has no {field}");

    private static string Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new InvalidDataException($"{name} is not a string");

    private static long[] Numbers(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException($"{name} is not a list");
        return [.. value.EnumerateArray().Select(Number)];

        long Number(JsonElement element) =>
            element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out long number) && number >= 0
                ? number
                : throw new InvalidDataException($"{name} holds {element.GetRawText()}, which is not a whole number of at least 0");
    }
}
