using Bet.Engine.Artifacts;
using Bet.Engine.Data;

namespace Bet.Engine.GivenTables;

/// <summary>
/// Reads a table from what a client has: one .npy file a side, or one safetensors file with tensors "users" and "items"; and,
/// where rows are not in id order (see <see cref="IdOrder"/>), the ids of a side in the rows' order, one a line.
/// </summary>
/// <param name="userIds">The data set's users, in the order of first appearance.</param>
/// <param name="itemIds">The data set's items, likewise.</param>
public sealed class GivenTableReader(IdList userIds, IdList itemIds)
{
    /// <summary>The names of the files.</summary>
    public const string Users = "users", Items = "items", Table = "table", UserIds = "userIds", ItemIds = "itemIds";

    private static readonly Dictionary<TensorType, FloatType> Types = new()
    {
        [TensorType.F16] = FloatType.Float16,
        [TensorType.BF16] = FloatType.BFloat16,
        [TensorType.F32] = FloatType.Float32,
        [TensorType.F64] = FloatType.Float64,
    };

    /// <param name="files">By name: users and items, or table; and userIds and itemIds where wanted. Seekable streams, disposed here.</param>
    /// <exception cref="GivenTableException">What was given is no table of this data set; the message says why.</exception>
    public GivenTable Read(IReadOnlyDictionary<string, Func<Stream>> files)
    {
        var (users, items) = files.TryGetValue(Table, out var table) ? ReadTensors(table, files) : ReadArrays(files);
        Check(users, userIds, Users, "users");
        Check(items, itemIds, Items, "items");
        if (users.Columns != items.Columns)
            throw new GivenTableException(Items, $"its rows have {items.Columns} values, the users' {users.Columns}; both sides must be as wide");
        return new GivenTable(
            Order(files, UserIds, userIds, "user"), Order(files, ItemIds, itemIds, "item"), users.Columns, users.Values, items.Values);
    }

    private static (DenseRows Users, DenseRows Items) ReadArrays(IReadOnlyDictionary<string, Func<Stream>> files)
    {
        return (Of(Users), Of(Items));

        DenseRows Of(string side)
        {
            if (!files.TryGetValue(side, out var open))
                throw new GivenTableException(side, "it is missing; send users and items as .npy files, or one safetensors file as table");
            using var stream = open();
            return NpyReader.Read(stream, side);
        }
    }

    private static (DenseRows Users, DenseRows Items) ReadTensors(
        Func<Stream> open, IReadOnlyDictionary<string, Func<Stream>> files)
    {
        if (files.ContainsKey(Users) || files.ContainsKey(Items))
            throw new GivenTableException(Table, "it came beside users or items; send either it or both of them");
        using var stream = open();
        try
        {
            var layout = new SafeTensorsReader(stream).Layout;
            return (ReadTensor(stream, layout, Users), ReadTensor(stream, layout, Items));
        }
        catch (InvalidDataException e)
        {
            throw new GivenTableException(Table, $"it is no safetensors file that can be read: {e.Message}");
        }
    }

    private static DenseRows ReadTensor(Stream stream, SafeTensorsLayout layout, string name)
    {
        var tensor = layout.Tensors.FirstOrDefault(tensor => tensor.Name == name)
            ?? throw new GivenTableException(Table, $"it has no tensor '{name}'; it has {string.Join(", ", layout.Tensors.Select(t => t.Name))}");
        if (!Types.TryGetValue(tensor.Type, out var type))
            throw new GivenTableException(Table, $"tensor '{name}' is {tensor.Type}; {string.Join(", ", Types.Keys)} are read");
        if (tensor.Shape is not [> 0 and <= int.MaxValue and var rows, > 0 and <= int.MaxValue and var columns] || rows * columns > Array.MaxLength)
            throw new GivenTableException(Table, $"tensor '{name}' has the shape [{string.Join(", ", tensor.Shape)}]; [rows, values of a row] is expected, at most {Array.MaxLength} values");
        stream.Position = tensor.Start;
        return FloatReader.Read(stream, type, (int)rows, (int)columns, name);
    }

    private static void Check(DenseRows side, IdList ids, string field, string what)
    {
        if (side.Columns is < GivenTable.LeastSize or > GivenTable.MostSize)
            throw new GivenTableException(field, $"its rows have {side.Columns} values; {GivenTable.LeastSize} to {GivenTable.MostSize} are taken");
        if (side.Rows != ids.Count)
            throw new GivenTableException(field, $"it has {side.Rows} rows; the data set has {ids.Count} {what}, a row each, {IdOrder.Describe(ids)}");
    }

    /// <summary>The ids in the rows' order.</summary>
    private static IdList Order(
        IReadOnlyDictionary<string, Func<Stream>> files, string name, IdList ids, string what)
    {
        if (!files.TryGetValue(name, out var open))
            return IdOrder.Of(ids);
        var lines = ReadLines(open, name);
        if (lines.Count != ids.Count)
            throw new GivenTableException(name, $"it has {lines.Count} lines; the data set has {ids.Count} {what}s, one a line");
        var known = new IdMap();
        for (int number = 0; number < ids.Count; number++)
            known.Add(ids.Utf8(number));
        var lineOf = new int[ids.Count];
        for (int line = 1; line <= lines.Count; line++)
        {
            int number = known.Add(lines.Utf8(line - 1));
            if (number >= ids.Count)
                throw new GivenTableException(name, $"line {line}: the data set has no {what} '{lines[line - 1]}'");
            if (lineOf[number] > 0)
                throw new GivenTableException(name, $"line {line}: {what} '{lines[line - 1]}' stood on line {lineOf[number]} already");
            lineOf[number] = line;
        }

        return lines;
    }

    /// <summary>As <see cref="RawIds"/>; the last line may lack its end, and lines may end as on Windows.</summary>
    private static IdList ReadLines(Func<Stream> open, string name)
    {
        using var stream = open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        if (bytes.Length > 0 && bytes.GetBuffer()[bytes.Length - 1] != (byte)'\n')
            bytes.WriteByte((byte)'\n');
        bytes.Position = 0;
        try
        {
            return IdList.Create([.. RawIds.Read(bytes).Select(line => line.TrimEnd('\r'))]);
        }
        catch (InvalidDataException e)
        {
            throw new GivenTableException(name, e.Message);
        }
    }
}
