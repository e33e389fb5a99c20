using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Bet.Engine.Data;
using Bet.Engine.GivenTables;
using Bet.Tests.Artifacts;

namespace Bet.Tests.GivenTables;

public sealed class GivenTableReaderTests : IDisposable
{
    private static readonly IdList Users = ["30", "4", "007", "7"];
    private static readonly IdList Items = ["tea", "bread", "9"];
    private static readonly float[] Values = [1, -2, 0.5f, 4, 5, 6, 7, 8];

    private readonly string folder = Directory.CreateTempSubdirectory("bet-npy-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Ids_are_ordered_by_number_where_all_are_numbers_else_as_they_first_appear()
    {
        Assert.Equal(["4", "007", "7", "30"], IdOrder.Of(Users));
        Assert.Equal(["tea", "bread", "9"], IdOrder.Of(Items));
        Assert.Equal(["-1", "0"], IdOrder.Of(["-1", "0"]));
        Assert.Equal(["0", "99999999999999999999", "100000000000000000000"], IdOrder.Of(["100000000000000000000", "0", "99999999999999999999"]));
        Assert.Empty(IdOrder.Of([]));
    }

    [Fact]
    public void Rows_belong_to_ids_in_order_or_to_those_of_a_list()
    {
        var table = Read(("users", Npy(Values, 4, 2)), ("items", Npy(Values[..6], 3, 2)));
        Assert.Equal((2, 4, 3), (table.Size, table.UserIds.Count, table.ItemIds.Count));
        Assert.Equal([7, 8, 1, -2, 0.5f, 4, 5, 6], table.UsersInOrderOf(Users));
        Assert.Equal(Values[..6], table.ItemsInOrderOf(Items));

        var listed = Read(
            ("users", Npy(Values, 4, 2)), ("items", Npy(Values[..6], 3, 2)),
            ("userIds", "7\n007\n4\n30\n"u8.ToArray()), ("itemIds", "9\r\ntea\r\nbread"u8.ToArray()));
        Assert.Equal([7, 8, 5, 6, 0.5f, 4, 1, -2], listed.UsersInOrderOf(Users));
        Assert.Equal([0.5f, 4, 5, 6, 1, -2], listed.ItemsInOrderOf(Items));

        using var file = new MemoryStream();
        GivenTableFile.Write(file, listed);
        file.Position = 0;
        var again = GivenTableFile.Read(file);
        Assert.Equal(2, again.Size);
        Assert.Equal(listed.UserIds, again.UserIds);
        Assert.Equal(listed.ItemIds, again.ItemIds);
        Assert.Equal(listed.Users, again.Users);
        Assert.Equal(listed.Items, again.Items);
        Assert.Contains("no row for 'cake'", Assert.Throws<GivenTableException>(() => again.ItemsInOrderOf(["cake"])).Message);
    }

    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    [InlineData("F32")]
    [InlineData("F64")]
    public void Safetensors_of_every_width_give_the_same_rows(string type)
    {
        byte[] Bytes(float value) => type switch
        {
            "F16" => BitConverter.GetBytes((Half)value),
            "BF16" => BitConverter.GetBytes(value)[2..],
            "F32" => BitConverter.GetBytes(value),
            _ => BitConverter.GetBytes((double)value),
        };
        byte[] users = [.. Values.SelectMany(Bytes)], items = [.. Values[..6].SelectMany(Bytes)];
        var table = Read(("table", Tensors(type, users, items)));
        Assert.Equal(Values[..6], table.ItemsInOrderOf(Items));
        Assert.Equal([7, 8, 1, -2, 0.5f, 4, 5, 6], table.UsersInOrderOf(Users));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void All_versions_of_npy_are_read(byte version)
    {
        byte[] users = NpyFiles.Raw("{'descr': '<f8', 'fortran_order': False, 'shape': (4, 2), }", Values.SelectMany(v => BitConverter.GetBytes((double)v)), version);
        var table = Read(("users", users), ("items", NpyFiles.Raw(
            "{'shape':(3,2),'fortran_order':False,'descr':'<f2'}", Values[..6].SelectMany(v => BitConverter.GetBytes((Half)v)), version)));
        Assert.Equal(Values[..6], table.Items);
        Assert.Equal(Values, table.Users);
    }

    [PythonTheory]
    [InlineData("float16")]
    [InlineData("float32")]
    [InlineData("float64")]
    public void What_numpy_saves_is_read(string type)
    {
        var run = PythonInterpreter.Run(
            PythonInterpreter.Path,
            ["-c", $"import numpy as n; n.save('users.npy', n.arange(8, dtype='{type}').reshape(4, 2) / 4); n.save('items.npy', n.arange(6, dtype='{type}').reshape(3, 2)); n.save('turned.npy', n.asfortranarray(n.ones((4, 2), '{type}')))"],
            folder);
        Assert.True(run is { Code: 0 }, run?.Error);
        byte[] Saved(string name) => File.ReadAllBytes(Path.Combine(folder, name));
        var table = Read(("users", Saved("users.npy")), ("items", Saved("items.npy")));
        Assert.Equal([0, 0.25f, 0.5f, 0.75f, 1, 1.25f, 1.5f, 1.75f], table.Users);
        Assert.Equal([0, 1, 2, 3, 4, 5], table.Items);
        Fails("users", "ascontiguousarray", ("users", Saved("turned.npy")), ("items", Saved("items.npy")));
    }

    [Fact]
    public void What_is_no_table_of_the_data_set_is_refused_with_what_would_do()
    {
        var items = ("items", Npy(Values[..6], 3, 2));
        Fails("items", "it is missing", ("users", Npy(Values, 4, 2)));
        Fails("users", "it is missing", items);
        Fails("users", "3 rows; the data set has 4 users, a row each, ascending by number", ("users", Npy(Values[..6], 3, 2)), items);
        Fails("items", "in the order in which ids first appear", ("users", Npy(Values, 4, 2)), ("items", Npy(Values[..4], 2, 2)));
        Fails("items", "rows have 1 values, the users' 2", ("users", Npy(Values, 4, 2)), ("items", Npy(Values[..3], 3, 1)));
        Fails("users", "row 1, column 0 (both counted from 0) is NaN", ("users", Npy([1, 2, float.NaN, 4, 5, 6, 7, 8], 4, 2)), items);
        Fails("users", "is Infinity as float32", ("users", Header("<f8", "(4, 2)", Values.SelectMany(v => BitConverter.GetBytes(v * 1e300)))), items);
        Fails("users", "its values are <i8", ("users", Header("<i8", "(4, 2)", new byte[64])), items);
        Fails("users", "its values are >f4", ("users", Header(">f4", "(4, 2)", new byte[32])), items);
        Fails("users", "of several fields", ("users", NpyFiles.Raw("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (4, 2), }", new byte[32])), items);
        Fails("users", "Fortran order", ("users", NpyFiles.Raw("{'descr': '<f4', 'fortran_order': True, 'shape': (4, 2), }", new byte[32])), items);
        Fails("users", "its shape is (8,)", ("users", Header("<f4", "(8,)", new byte[32])), items);
        Fails("users", "its shape is (4, 2, 1)", ("users", Header("<f4", "(4, 2, 1)", new byte[32])), items);
        Fails("users", "31 bytes of values follow", ("users", Header("<f4", "(4, 2)", new byte[31])), items);
        Fails("users", "33 bytes of values follow", ("users", Header("<f4", "(4, 2)", new byte[33])), items);
        Fails("users", "its shape is", ("users", Header("<f4", "(2000000000, 2000000000)", new byte[32])), items);
        Fails("users", "0 values; 1 to 1024", ("users", Header("<f4", "(4, 0)", [])), items);
        Fails("users", "it is no .npy file", ("users", "1 2 3\n"u8.ToArray()), items);
        Fails("users", "it is no .npy file", ("users", []), items);
        Fails("users", "version 9.0", ("users", [0x93, .. "NUMPY"u8, 9, 0, 0, 0]), items);
        Fails("users", "within its header", ("users", NpyFiles.Of(Values, 4, 2)[..40]), items);
        Fails("table", "either it or both", ("table", []), items);
        Fails("table", "no safetensors file", ("table", "hello, this is none"u8.ToArray()));
        Fails("table", "no tensor 'users'", ("table", Tensors("F32", new byte[32], new byte[24], "people")));
        Fails("table", "tensor 'users' is I32", ("table", Tensors("I32", new byte[32], new byte[24])));
        Fails("users", "is NaN", ("table", Tensors("BF16", [.. Enumerable.Repeat((byte)0xFF, 16)], new byte[12])));
    }

    [Fact]
    public void A_list_of_ids_must_be_the_data_sets()
    {
        void Check(string field, string message, string ids) => Fails(
            field, message, ("users", Npy(Values, 4, 2)), ("items", Npy(Values[..6], 3, 2)), (field, Encoding.UTF8.GetBytes(ids)));
        Check("userIds", "has 3 lines; the data set has 4 users", "4\n7\n007\n");
        Check("userIds", "line 2: the data set has no user '8'", "4\n8\n7\n007\n");
        Check("userIds", "line 3: user '4' stood on line 1 already", "4\n7\n4\n007\n");
        Check("itemIds", "line 3: the data set has no item '9 '", "tea\nbread\n9 \n");
        Check("itemIds", "has 0 lines", "");
    }

    private static byte[] Npy(float[] values, int rows, int columns) => NpyFiles.Of(values, rows, columns);

    private static byte[] Header(string type, string shape, IEnumerable<byte> values) =>
        NpyFiles.Raw($"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}", values);

    /// <summary>[4, 2] and [3, 2], whatever their type.</summary>
    private static byte[] Tensors(string type, byte[] users, byte[] items, string name = "users")
    {
        string header = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            [name] = new { dtype = type, shape = new[] { 4, 2 }, data_offsets = new[] { 0, users.Length } },
            ["items"] = new { dtype = type, shape = new[] { 3, 2 }, data_offsets = new[] { users.Length, users.Length + items.Length } },
        });
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. Encoding.UTF8.GetBytes(header), .. users, .. items];
    }

    private static void Fails(string field, string message, params (string Name, byte[] Content)[] files)
    {
        var error = Assert.Throws<GivenTableException>(() => Read(files));
        Assert.Equal(field, error.Field);
        Assert.Contains(message, error.Message);
    }

    private static GivenTable Read(params (string Name, byte[] Content)[] files) => new GivenTableReader(Users, Items).Read(
        files.ToDictionary(file => file.Name, Func<Stream> (file) => () => new MemoryStream(file.Content)));
}
