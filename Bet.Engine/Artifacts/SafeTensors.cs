using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bet.Engine.Compute;

namespace Bet.Engine.Artifacts;

/// <summary>The element types that are read and written, by their names in the format.</summary>
public enum TensorType
{
    F64,
    F32,
    F16,
    BF16,
    I8,
    U8,
    I32,
    U32,
    I64,
}

/// <summary>A tensor to write: <see cref="Shape"/> row-major, its product is the number of values.</summary>
public sealed class TensorContent
{
    private readonly Action<Stream> write;

    private TensorContent(string name, TensorType type, long[] shape, long bytes, Action<Stream> write)
    {
        Name = name;
        Type = type;
        Shape = shape;
        Bytes = bytes;
        this.write = write;
    }

    public string Name { get; }

    public TensorType Type { get; }

    public IReadOnlyList<long> Shape { get; }

    public long Bytes { get; }

    /// <summary>The values are not copied: they must not change before they are written.</summary>
    /// <exception cref="ArgumentException">The values do not fill the shape, or T is not stored as any type.</exception>
    public static TensorContent From<T>(string name, T[] values, params long[] shape)
        where T : unmanaged
    {
        long count = shape.Aggregate(1L, (product, extent) => checked(product * extent));
        if (count != values.Length)
            throw new ArgumentException($"tensor '{name}': {values.Length} values do not fill [{string.Join(", ", shape)}]");
        TensorType type = SafeTensors.TypeOf<T>();
        return new TensorContent(
            name, type, shape, count * SafeTensors.SizeOf(type), stream => SafeTensors.WriteValues<T>(stream, values));
    }

    /// <summary>A tensor of a device, downloaded only when it is written: one is in memory at a time.</summary>
    internal static TensorContent From(string name, Backend backend, Tensor tensor) => new(
        name, TensorType.F32, [tensor.Rows, tensor.Columns], sizeof(float) * tensor.Length, stream =>
        {
            var values = new float[tensor.Length];
            backend.Download(tensor, values);
            SafeTensors.WriteValues<float>(stream, values);
        });

    internal void Write(Stream stream) => write(stream);
}

/// <summary>A tensor as a file describes it.</summary>
/// <param name="Shape">Row-major; empty for a single value.</param>
/// <param name="Start">Offset of the first byte, from the beginning of the file.</param>
/// <param name="Bytes">Length, the type's size times the product of the shape.</param>
public sealed record TensorEntry(string Name, TensorType Type, IReadOnlyList<long> Shape, long Start, long Bytes)
{
    public long Count => Bytes / SafeTensors.SizeOf(Type);
}

/// <summary>What a file's bytes are: header, padding and tensors are all of it.</summary>
/// <param name="Tensors">All tensors but padding, in the order in which they lie in the file.</param>
/// <param name="HeaderBytes">Bytes before the first tensor: the length, the JSON and its spaces.</param>
/// <param name="PaddingBytes">Bytes of tensors that are padding; see <see cref="SafeTensors.PaddingPrefix"/>.</param>
public sealed record SafeTensorsLayout(IReadOnlyList<TensorEntry> Tensors, long HeaderBytes, long PaddingBytes)
{
    /// <summary>Bytes of the whole file.</summary>
    public long FileBytes => HeaderBytes + PaddingBytes + Tensors.Sum(tensor => tensor.Bytes);

    internal static SafeTensorsLayout Of(IEnumerable<TensorEntry> tensors, long headerBytes)
    {
        var parts = tensors.OrderBy(tensor => tensor.Start).ThenBy(tensor => tensor.Bytes).ToLookup(IsPadding);
        return new SafeTensorsLayout([.. parts[false]], headerBytes, parts[true].Sum(tensor => tensor.Bytes));
    }

    private static bool IsPadding(TensorEntry tensor) =>
        tensor.Name.StartsWith(SafeTensors.PaddingPrefix, StringComparison.Ordinal);
}

/// <summary>
/// Writes the safetensors format: the header's length (uint64, little-endian), a JSON header, then the values of all
/// tensors, little-endian. The header is padded with spaces and every tensor starts at a multiple of
/// <see cref="Alignment"/> bytes of the file, so that a memory map can be used in place. The format permits no holes
/// between tensors, and its own reader refuses a file that has one: what lies between two tensors is itself a uint8
/// tensor of zeros, whose name starts with <see cref="PaddingPrefix"/>.
/// </summary>
public static class SafeTensors
{
    /// <summary>Every tensor starts at a multiple of this many bytes.</summary>
    public const int Alignment = 64;

    /// <summary>Tensors named so are padding and hold zeros.</summary>
    public const string PaddingPrefix = "__padding_";

    internal const string MetadataKey = "__metadata__";

    private const int ChunkValues = 1 << 18;

    /// <summary>Bytes of one value.</summary>
    public static int SizeOf(TensorType type) => type switch
    {
        TensorType.I8 or TensorType.U8 => 1,
        TensorType.F16 or TensorType.BF16 => 2,
        TensorType.F32 or TensorType.I32 or TensorType.U32 => 4,
        TensorType.F64 or TensorType.I64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a tensor type"),
    };

    /// <summary>
    /// Writes the tensors in the given order. The same arguments give the same bytes: metadata is sorted by key.
    /// </summary>
    public static SafeTensorsLayout Write(
        Stream stream, IReadOnlyDictionary<string, string> metadata, IReadOnlyList<TensorContent> tensors)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("tables are written on little-endian machines only");
        IReadOnlyList<TensorContent> padded = WithPadding(tensors);
        byte[] header = Header(metadata, padded);
        stream.Write(header);
        long start = header.Length;
        var entries = new List<TensorEntry>();
        foreach (TensorContent tensor in padded)
        {
            tensor.Write(stream);
            entries.Add(new TensorEntry(tensor.Name, tensor.Type, tensor.Shape, start, tensor.Bytes));
            start += tensor.Bytes;
        }

        return SafeTensorsLayout.Of(entries, header.Length);
    }

    internal static TensorType TypeOf<T>() => Type.GetTypeCode(typeof(T)) switch
    {
        TypeCode.Single => TensorType.F32,
        TypeCode.SByte => TensorType.I8,
        TypeCode.Byte => TensorType.U8,
        TypeCode.Int32 => TensorType.I32,
        TypeCode.UInt32 => TensorType.U32,
        TypeCode.Int64 => TensorType.I64,
        _ => typeof(T) == typeof(Half)
            ? TensorType.F16
            : throw new ArgumentException($"{typeof(T).Name} is not stored in a tensor"),
    };

    /// <summary>In chunks, because a span of bytes cannot be longer than 2 GiB.</summary>
    internal static void WriteValues<T>(Stream stream, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        for (; values.Length > ChunkValues; values = values[ChunkValues..])
            stream.Write(MemoryMarshal.AsBytes(values[..ChunkValues]));
        stream.Write(MemoryMarshal.AsBytes(values));
    }

    internal static void ReadValues<T>(Stream stream, Span<T> values)
        where T : unmanaged
    {
        for (; values.Length > ChunkValues; values = values[ChunkValues..])
            stream.ReadExactly(MemoryMarshal.AsBytes(values[..ChunkValues]));
        stream.ReadExactly(MemoryMarshal.AsBytes(values));
    }

    private static List<TensorContent> WithPadding(IReadOnlyList<TensorContent> tensors)
    {
        var padded = new List<TensorContent>();
        var names = new HashSet<string> { MetadataKey };
        long end = 0;
        foreach (TensorContent tensor in tensors)
        {
            if (!names.Add(tensor.Name) || tensor.Name.StartsWith(PaddingPrefix, StringComparison.Ordinal))
                throw new ArgumentException($"'{tensor.Name}' is given twice or is a reserved name");
            int missing = (int)(-end & (Alignment - 1));
            if (missing > 0)
                padded.Add(TensorContent.From($"{PaddingPrefix}{padded.Count}", new byte[missing], missing));
            padded.Add(tensor);
            end += missing + tensor.Bytes;
        }

        return padded;
    }

    private static byte[] Header(IReadOnlyDictionary<string, string> metadata, IReadOnlyList<TensorContent> tensors)
    {
        using var json = new MemoryStream();
        json.Write(new byte[sizeof(ulong)]);
        using (var writer = new Utf8JsonWriter(
            json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteStartObject(MetadataKey);
            foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                writer.WriteString(key, value);
            writer.WriteEndObject();
            WriteTensors(writer, tensors);
            writer.WriteEndObject();
        }

        while (json.Length % Alignment != 0)
            json.WriteByte((byte)' ');
        byte[] header = json.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - sizeof(ulong)));
        return header;
    }

    private static void WriteTensors(Utf8JsonWriter writer, IReadOnlyList<TensorContent> tensors)
    {
        long start = 0;
        foreach (TensorContent tensor in tensors)
        {
            writer.WriteStartObject(tensor.Name);
            writer.WriteString("dtype", tensor.Type.ToString());
            writer.WriteStartArray("shape");
            foreach (long extent in tensor.Shape)
                writer.WriteNumberValue(extent);
            writer.WriteEndArray();
            writer.WriteStartArray("data_offsets");
            writer.WriteNumberValue(start);
            writer.WriteNumberValue(start += tensor.Bytes);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }
}
