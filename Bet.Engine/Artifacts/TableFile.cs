using System.Globalization;
using System.Text.Json;
using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Engine.Artifacts;

/// <summary>
/// table.safetensors. Tensors: <c>users.values</c> [n] in float32, float16 or int8, or, several values a byte, int4, int2
/// and int1 as uint8; for all whole numbers <c>users.scales</c> float16 [rows with values], see <see cref="PackedValues"/>;
/// <c>users.row_starts</c> uint32 [d_max + 1]; and the same for items. Metadata, all strings: <c>format</c>,
/// <c>format_version</c>, <c>d_max</c>, <c>seed</c>, <c>split_hash</c>, <c>budget</c> (JSON, see
/// <see cref="MemoryBudget"/>), <c>users.precision</c>, <c>users.rows</c> (rows without values are in no index), the same
/// for items, <c>values</c> and <c>bytes_used</c>.
/// </summary>
public static class TableFile
{
    /// <summary>The file's name among the artifacts.</summary>
    public const string Name = "table.safetensors";

    /// <summary>The version that is written, and the only one that is read.</summary>
    public const int FormatVersion = 2;

    private const string Format = "bet.packed_table";

    /// <summary>Writes the table; the same table gives the same bytes.</summary>
    public static SafeTensorsLayout Write(Stream stream, PackedTable table)
    {
        if (table.Users.Sizes.MaximumSize != table.Items.Sizes.MaximumSize)
            throw new ArgumentException($"d_max is {table.Users.Sizes.MaximumSize} for users and {table.Items.Sizes.MaximumSize} for items");
        return SafeTensors.Write(stream, MetadataOf(table), [.. Tensors("users", table.Users), .. Tensors("items", table.Items)]);
    }

    /// <summary>Reads and checks a table.</summary>
    /// <param name="stream">Seekable; stays open.</param>
    /// <exception cref="InvalidDataException">Not a packed table, or one that contradicts itself.</exception>
    public static PackedTable Read(Stream stream) => Read(new SafeTensorsReader(stream));

    internal static PackedTable Read(SafeTensorsReader reader)
    {
        Expect(reader, "format", Format);
        Expect(reader, "format_version", Text(FormatVersion));
        long maximumSize = Number(reader, "d_max");
        PackedSide users = ReadSide(reader, "users", maximumSize);
        PackedSide items = ReadSide(reader, "items", maximumSize);
        if (!ulong.TryParse(Value(reader, "seed"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
            throw new InvalidDataException($"seed is '{Value(reader, "seed")}', not a whole number");
        var table = new PackedTable(users, items, new TableOrigin(seed, Value(reader, "split_hash"), ReadBudget(reader)));
        Expect(reader, "values", Text(table.Values));
        Expect(reader, "bytes_used", Text(table.ServingBytes));
        MemoryBudget budget = table.Origin.Budget;
        if (budget.Users != users.Rows || budget.Items != items.Rows || budget.MaximumSize != maximumSize)
            throw new InvalidDataException($"the budget is for {budget.Users} users and {budget.Items} items of up to {budget.MaximumSize} values, the table has {users.Rows} and {items.Rows} of up to {maximumSize}");
        return table;
    }

    private static IEnumerable<TensorContent> Tensors(string side, PackedSide packed) =>
    [
        packed.Values.ToTensor($"{side}.values"),
        .. packed.Sizes.Precision.HasScales()
            ? [TensorContent.From($"{side}.scales", packed.Values.Scales, packed.Values.Scales.Length)]
            : Array.Empty<TensorContent>(),
        TensorContent.From($"{side}.row_starts", packed.RowStarts.ToArray(), packed.RowStarts.Length),
    ];

    private static Dictionary<string, string> MetadataOf(PackedTable table) => new()
    {
        ["format"] = Format,
        ["format_version"] = Text(FormatVersion),
        ["d_max"] = Text(table.MaximumSize),
        ["seed"] = table.Origin.Seed.ToString(CultureInfo.InvariantCulture),
        ["split_hash"] = table.Origin.SplitHash,
        ["budget"] = JsonSerializer.Serialize(table.Origin.Budget, ArtifactJson.Compact),
        ["users.precision"] = table.Users.Sizes.Precision.Name(),
        ["items.precision"] = table.Items.Sizes.Precision.Name(),
        ["users.rows"] = Text(table.Users.Rows),
        ["items.rows"] = Text(table.Items.Rows),
        ["values"] = Text(table.Values),
        ["bytes_used"] = Text(table.ServingBytes),
    };

    private static PackedSide ReadSide(SafeTensorsReader reader, string side, long maximumSize)
    {
        uint[] rowStarts = reader.Read<uint>($"{side}.row_starts");
        if (rowStarts.Length != maximumSize + 1)
            throw new InvalidDataException($"{side}.row_starts has {rowStarts.Length} entries, d_max = {maximumSize} needs {maximumSize + 1}");
        long rows = Number(reader, $"{side}.rows");
        if (rows > int.MaxValue || rowStarts[0] > rows)
            throw new InvalidDataException($"{side}.row_starts[0] is {rowStarts[0]}, more than the {rows} rows of {side}.rows");
        if (rowStarts[^1] != 0)
            throw new InvalidDataException($"{side}.row_starts[{maximumSize}] is {rowStarts[^1]}, no row is larger than d_max");
        var counts = new int[rowStarts.Length];
        counts[0] = (int)(rows - rowStarts[0]);
        for (int size = 1; size < counts.Length; size++)
        {
            if (rowStarts[size] > rowStarts[size - 1])
                throw new InvalidDataException($"{side}.row_starts rises from {rowStarts[size - 1]} to {rowStarts[size]} at {size}, it must fall");
            counts[size] = (int)(rowStarts[size - 1] - rowStarts[size]);
        }

        var precision = ReadPrecision(reader, side);
        var sizes = new SideSizes(counts, precision);
        Array codes = precision switch
        {
            Precision.Float32 => reader.Read<float>($"{side}.values"),
            Precision.Float16 => reader.Read<Half>($"{side}.values"),
            Precision.Int8 => reader.Read<sbyte>($"{side}.values"),
            _ => reader.Read<byte>($"{side}.values"),
        };
        Half[] scales = precision.HasScales() ? reader.Read<Half>($"{side}.scales") : [];
        try
        {
            return new PackedSide(sizes, PackedValues.From(precision, sizes.Values, codes, scales));
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{side}.row_starts adds up to {sizes.Values} values: {error.Message}", error);
        }
    }

    private static Precision ReadPrecision(SafeTensorsReader reader, string side)
    {
        string name = Value(reader, $"{side}.precision");
        return Precisions.All.Select(precision => (Precision?)precision).FirstOrDefault(p => p!.Value.Name() == name)
            ?? throw new InvalidDataException($"{side}.precision is '{name}', there are {string.Join(", ", Precisions.All.Select(p => p.Name()))}");
    }

    private static MemoryBudget ReadBudget(SafeTensorsReader reader)
    {
        try
        {
            return JsonSerializer.Deserialize<MemoryBudget>(Value(reader, "budget"), ArtifactJson.Compact) is { Asked: not null } budget
                ? budget
                : throw new InvalidDataException("budget says nothing of what was asked");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"budget is not a budget: {error.Message}", error);
        }
    }

    private static void Expect(SafeTensorsReader reader, string key, string expected)
    {
        if (Value(reader, key) != expected)
            throw new InvalidDataException($"{key} is '{Value(reader, key)}', '{expected}' was expected");
    }

    private static long Number(SafeTensorsReader reader, string key) =>
        long.TryParse(Value(reader, key), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new InvalidDataException($"{key} is '{Value(reader, key)}', not a whole number");

    private static string Value(SafeTensorsReader reader, string key) =>
        reader.Metadata.TryGetValue(key, out string? value)
            ? value
            : throw new InvalidDataException($"the file's metadata has no {key}: it is not a packed table");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
