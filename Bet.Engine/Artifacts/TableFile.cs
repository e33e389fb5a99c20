using System.Globalization;
using System.Text.Json;
using Bet.Engine.Compute;
using Bet.Engine.Embeddings;
using Bet.Engine.Search;

namespace Bet.Engine.Artifacts;

/// <summary>
/// table.safetensors. Metadata, all strings: <c>format</c>, <c>format_version</c>, <c>d_max</c>, <c>seed</c>,
/// <c>split_hash</c>, <c>budget</c> (JSON, see <see cref="MemoryBudget"/>), <c>users.kind</c>, <c>users.precision</c>,
/// <c>users.rows</c>, the same for items, <c>values</c> and <c>bytes_used</c>. Tensors by the kind of a side, here users:
/// <para>
/// <c>prefix</c>: <c>users.values</c> [n] in float32, float16 or int8, or, several values a byte, int4, int2 and int1 as
/// uint8; for all whole numbers <c>users.scales</c> float16 [rows with values], see <see cref="PackedValues"/>;
/// <c>users.row_starts</c> uint32 [d_max + 1], see <see cref="PackedLayout"/>. Where rows of size 0 share vectors these lie
/// behind all rows, with their scales, and the metadata have <c>users.shared_rows</c> and <c>users.shared_size</c>.
/// </para>
/// <para>
/// <c>hashing</c>, <c>low-rank</c>: float32 matrices, see <see cref="HashedShape"/> and <see cref="LowRankShape"/>.
/// <c>quotient-remainder-...</c>, <c>k-way-multiply</c>, <c>chinese-remainder-multiply</c>: float32 matrices too, see
/// <see cref="QuotientRemainder"/>, <see cref="ThreeDigits"/> and <see cref="ChineseRemainder"/>.
/// <c>product-quantisation</c>: see <see cref="PackedCodes"/>.
/// </para>
/// </summary>
public static class TableFile
{
    /// <summary>The file's name among the artifacts.</summary>
    public const string Name = "table.safetensors";

    /// <summary>The version that is written; version 2, which knew prefixes alone, is read as well.</summary>
    public const int FormatVersion = 3;

    private const string Format = "bet.packed_table";

    /// <summary>Of which an index is held in memory.</summary>
    private const int MostMaximumSize = 1 << 24;

    /// <summary>Writes the table; the same table gives the same bytes.</summary>
    public static SafeTensorsLayout Write(Stream stream, PackedTable table)
    {
        if (table.Users.Shape.MaximumSize != table.Items.Shape.MaximumSize)
            throw new ArgumentException($"d_max is {table.Users.Shape.MaximumSize} for users and {table.Items.Shape.MaximumSize} for items");
        return SafeTensors.Write(stream, MetadataOf(table), [.. table.Users.Tensors("users"), .. table.Items.Tensors("items")]);
    }

    /// <summary>Reads and checks a table.</summary>
    /// <param name="stream">Seekable; stays open.</param>
    /// <exception cref="InvalidDataException">Not a packed table, or one that contradicts itself.</exception>
    public static PackedTable Read(Stream stream) => Read(new SafeTensorsReader(stream));

    internal static PackedTable Read(SafeTensorsReader reader)
    {
        Expect(reader, "format", Format);
        if (!IsOldest(reader))
            Expect(reader, "format_version", Text(FormatVersion));
        long largest = Number(reader, "d_max");
        if (largest is 0 or > MostMaximumSize)
            throw new InvalidDataException($"d_max is {largest}, it is at least 1 and at most {MostMaximumSize}");
        int maximumSize = (int)largest;
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

    private static Dictionary<string, string> MetadataOf(PackedTable table) => new([.. Numbers("users", table.Users), .. Numbers("items", table.Items)])
    {
        ["format"] = Format,
        ["format_version"] = Text(FormatVersion),
        ["d_max"] = Text(table.MaximumSize),
        ["seed"] = table.Origin.Seed.ToString(CultureInfo.InvariantCulture),
        ["split_hash"] = table.Origin.SplitHash,
        ["budget"] = JsonSerializer.Serialize(table.Origin.Budget, ArtifactJson.Compact),
        ["users.kind"] = table.Users.Shape.Kind,
        ["items.kind"] = table.Items.Shape.Kind,
        ["users.precision"] = table.Users.Shape.Precision.Name(),
        ["items.precision"] = table.Items.Shape.Precision.Name(),
        ["users.rows"] = Text(table.Users.Rows),
        ["items.rows"] = Text(table.Items.Rows),
        ["values"] = Text(table.Values),
        ["bytes_used"] = Text(table.ServingBytes),
    };

    private static IEnumerable<KeyValuePair<string, string>> Numbers(string side, PackedSide packed) =>
        packed.Numbers.Select(number => KeyValuePair.Create($"{side}.{number.Name}", Text(number.Number)));

    private static PackedSide ReadSide(SafeTensorsReader reader, string side, int maximumSize)
    {
        long rows = Number(reader, $"{side}.rows");
        if (rows > int.MaxValue)
            throw new InvalidDataException($"{side}.rows is {rows}, at most {int.MaxValue} can be loaded");
        var source = new SideSource(reader, side, (int)rows, maximumSize);
        var precision = ReadPrecision(reader, side);
        string kind = IsOldest(reader) ? SideSizes.KindName : Value(reader, $"{side}.kind");
        if (kind == SideSizes.KindName)
            return PackedRows.Read(source, precision);
        var compressor = Compressors.Find(kind)
            ?? throw new InvalidDataException($"{side}.kind is '{kind}', there are {SideSizes.KindName}, {string.Join(", ", Compressors.All.Select(each => each.Name))}");
        return precision == Precision.Float32
            ? compressor.Read(source)
            : throw new InvalidDataException($"{side}.precision is '{precision.Name()}', {kind} is stored in float32");
    }

    private static Precision ReadPrecision(SafeTensorsReader reader, string side)
    {
        string name = Value(reader, $"{side}.precision");
        return Precisions.All.Select(precision => (Precision?)precision).FirstOrDefault(p => p!.Value.Name() == name)
            ?? throw new InvalidDataException($"{side}.precision is '{name}', there are {string.Join(", ", Precisions.All.Select(p => p.Name()))}");
    }

    private static bool IsOldest(SafeTensorsReader reader) => Value(reader, "format_version") == "2";

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

    internal static long Number(SafeTensorsReader reader, string key) =>
        long.TryParse(Value(reader, key), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new InvalidDataException($"{key} is '{Value(reader, key)}', not a whole number");

    private static string Value(SafeTensorsReader reader, string key) =>
        reader.Metadata.TryGetValue(key, out string? value)
            ? value
            : throw new InvalidDataException($"the file's metadata has no {key}: it is not a packed table");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
