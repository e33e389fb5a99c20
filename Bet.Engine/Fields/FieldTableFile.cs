using System.Globalization;
using System.Text.Json;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;

namespace Bet.Engine.Fields;

/// <summary>
/// fields.safetensors. Metadata, all strings: <c>format</c>, <c>format_version</c>, <c>bytes_used</c> and <c>fields</c>, a JSON
/// list: of each field <c>name</c>, <c>categories</c>, <c>size</c>, <c>width</c>, <c>head</c>, <c>hidden</c>, <c>operation</c>,
/// <c>precision</c> and <c>partitions</c>, a list of [divisor, cells]; see <see cref="FieldShape"/>. Field 3 has the tensors
/// <c>field3.table0</c>, <c>field3.table1</c>, ..., the rows of each partition end to end in the field's precision (the layers of
/// a path in float32), see <see cref="PackedValues"/>; where that has scales <c>field3.table0.scales</c>, float16 [rows]; and,
/// where the width is below the size, <c>field3.projection</c>, float32 [width, size].
/// </summary>
public static class FieldTableFile
{
    /// <summary>The file's name among the artifacts.</summary>
    public const string Name = "fields.safetensors";

    /// <summary>The name of the reader in Python that lies beside it, and of the resource of this assembly that has it.</summary>
    public const string PythonReaderName = "bet_fields.py";

    /// <summary>The version that is written, and the only one that is read.</summary>
    public const string FormatVersion = "1";

    internal const string ScalesSuffix = ".scales";

    private const string Format = "bet.packed_fields";

    /// <summary>Writes the fields; the same fields give the same bytes.</summary>
    public static SafeTensorsLayout Write(Stream stream, PackedFields fields) => SafeTensors.Write(
        stream,
        new Dictionary<string, string>
        {
            ["format"] = Format,
            ["format_version"] = FormatVersion,
            ["bytes_used"] = fields.Bytes.ToString(CultureInfo.InvariantCulture),
            ["fields"] = JsonSerializer.Serialize(fields.Names.Zip(fields.Shapes, FieldEntry.Of), ArtifactJson.Compact),
        },
        [.. Enumerable.Range(0, fields.Shapes.Count).SelectMany(fields.Tensors)]);

    /// <summary>Reads and checks fields.</summary>
    /// <param name="stream">Seekable; stays open.</param>
    /// <exception cref="InvalidDataException">Not packed fields, or such that contradict themselves.</exception>
    public static PackedFields Read(Stream stream) => Read(new SafeTensorsReader(stream));

    /// <summary>Reads and checks the fields of an opened file.</summary>
    /// <exception cref="InvalidDataException">Not packed fields, or such that contradict themselves.</exception>
    public static PackedFields Read(SafeTensorsReader reader)
    {
        Expect(reader, "format", Format);
        Expect(reader, "format_version", FormatVersion);
        try
        {
            FieldEntry[] entries = JsonSerializer.Deserialize<FieldEntry[]>(Value(reader, "fields"), ArtifactJson.Compact) ?? [];
            FieldShape[] shapes = [.. entries.Select(entry => entry.ToShape())];
            var fields = new PackedFields(
                [.. entries.Select(entry => entry.Name)], shapes,
                [.. shapes.Select((shape, field) => shape.Tables.Select(part => ReadTable(reader, field, part)).ToArray())],
                [.. shapes.Select((shape, field) => shape.HasProjection ? reader.Read<float>(FieldTables.NameOf(field, shape.Parts[^1])) : null)]);
            Expect(reader, "bytes_used", fields.Bytes.ToString(CultureInfo.InvariantCulture));
            return fields.Bytes == reader.Layout.Tensors.Sum(tensor => tensor.Bytes)
                ? fields
                : throw new InvalidDataException($"the file's tensors have {reader.Layout.Tensors.Sum(tensor => tensor.Bytes)} bytes, its fields {fields.Bytes}");
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"the fields contradict themselves: {error.Message}", error);
        }
    }

    private static PackedValues ReadTable(SafeTensorsReader reader, int field, FieldPart part)
    {
        string name = FieldTables.NameOf(field, part);
        Array codes = part.Precision switch
        {
            Precision.Float32 => reader.Read<float>(name),
            Precision.Float16 => reader.Read<Half>(name),
            Precision.Int8 => reader.Read<sbyte>(name),
            _ => reader.Read<byte>(name),
        };
        return PackedValues.From(
            part.Precision, part.Values, codes, part.Precision.HasScales() ? reader.Read<Half>(name + ScalesSuffix) : []);
    }

    private static void Expect(SafeTensorsReader reader, string key, string expected)
    {
        if (Value(reader, key) != expected)
            throw new InvalidDataException($"{key} is '{Value(reader, key)}', '{expected}' was expected");
    }

    private static string Value(SafeTensorsReader reader, string key) => reader.Metadata.TryGetValue(key, out string? value)
        ? value
        : throw new InvalidDataException($"the file's metadata has no {key}: it has no packed fields");

    /// <summary>A field as the metadata describe it.</summary>
    private sealed record FieldEntry(
        string Name, int Categories, int Size, int Width, int Head, int Hidden, FieldOperation Operation, Precision Precision,
        long[][] Partitions)
    {
        public static FieldEntry Of(string name, FieldShape shape) => new(
            name, shape.Categories, shape.Size, shape.Width, shape.Head, shape.Hidden, shape.Operation, shape.Precision,
            [.. shape.Partitions.Select(partition => new[] { partition.Divisor, partition.Cells })]);

        public FieldShape ToShape()
        {
            bool isKnown = Enum.IsDefined(Operation) && Enum.IsDefined(Precision) && Name is not null
                && Partitions is not null && Partitions.All(partition => partition is [_, _]);
            return isKnown
                ? new FieldShape(
                    Categories, Size, [.. Partitions!.Select(partition => new Partition(partition[0], partition[1]))], Operation, Head, Width, Hidden)
                { Precision = Precision }
                : throw new ArgumentException($"field '{Name}' lacks a name, an operation, a precision or partitions of two numbers");
        }
    }
}
