using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Bet.Engine.Artifacts;

namespace Bet.Tests.Artifacts;

public class SafeTensorsTests
{
    private static readonly Dictionary<string, string> Metadata = new() { ["zeta"] = "š \"x\"", ["alpha"] = "{\"a\":1}" };

    [Fact]
    public void Every_type_comes_back_bit_for_bit()
    {
        byte[] file = Write(
            TensorContent.From("f32", new[] { 1.5f, float.NaN, -0f }, 3, 1),
            TensorContent.From("f16", new[] { (Half)0.1, Half.MaxValue }, 2),
            TensorContent.From("i8", new sbyte[] { -128, 127, 3 }, 3),
            TensorContent.From("u8", new byte[] { 255 }),
            TensorContent.From("i32", new[] { int.MinValue, 7 }, 1, 2),
            TensorContent.From("u32", new[] { uint.MaxValue }, 1),
            TensorContent.From("empty", Array.Empty<long>(), 0, 5),
            TensorContent.From("i64", new[] { long.MinValue, long.MaxValue }, 2));

        var reader = new SafeTensorsReader(new MemoryStream(file));

        Assert.Equal(
            new[] { 1.5f, float.NaN, -0f }.Select(BitConverter.SingleToUInt32Bits),
            reader.Read<float>("f32").Select(BitConverter.SingleToUInt32Bits));
        Assert.Equal([(Half)0.1, Half.MaxValue], reader.Read<Half>("f16"));
        Assert.Equal([-128, 127, 3], reader.Read<sbyte>("i8"));
        Assert.Equal([255], reader.Read<byte>("u8"));
        Assert.Equal([int.MinValue, 7], reader.Read<int>("i32"));
        Assert.Equal([uint.MaxValue], reader.Read<uint>("u32"));
        Assert.Empty(reader.Read<long>("empty"));
        Assert.Equal([long.MinValue, long.MaxValue], reader.Read<long>("i64"));
        Assert.Equal(Metadata, reader.Metadata);
        Assert.Equal([3, 1], reader.Layout.Tensors[0].Shape);
    }

    [Fact]
    public void A_tensor_longer_than_a_chunk_comes_back()
    {
        int[] values = [.. Enumerable.Range(0, (1 << 18) * 2 + 5)];
        byte[] file = Write(TensorContent.From("long", values, values.Length));
        Assert.Equal(values, new SafeTensorsReader(new MemoryStream(file)).Read<int>("long"));
    }

    [Fact]
    public void Tensors_are_aligned_and_cover_the_file_as_the_format_demands()
    {
        byte[] file = Write(
            TensorContent.From("a", new byte[3], 3),
            TensorContent.From("b", new byte[64], 64),
            TensorContent.From("c", new float[17], 17),
            TensorContent.From("d", new long[1], 1));

        // Read with nothing of ours: the header's own numbers.
        int header = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        Assert.Equal(0, (header + 8) % 64);
        Assert.Equal((byte)'{', file[8]);
        using var json = JsonDocument.Parse(file.AsMemory(8, header));
        long end = 0;
        foreach (JsonProperty tensor in json.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__"))
        {
            long[] offsets = [.. tensor.Value.GetProperty("data_offsets").EnumerateArray().Select(n => n.GetInt64())];
            Assert.Equal(end, offsets[0]);
            if (!tensor.Name.StartsWith("__padding_", StringComparison.Ordinal))
                Assert.Equal(0, (8 + header + offsets[0]) % 64);
            end = offsets[1];
        }

        Assert.Equal(file.Length, 8 + header + end);
        SafeTensorsLayout layout = new SafeTensorsReader(new MemoryStream(file)).Layout;
        Assert.Equal(["a", "b", "c", "d"], layout.Tensors.Select(tensor => tensor.Name));
        Assert.Equal((file.Length, 61 + 60), (layout.FileBytes, layout.PaddingBytes));
    }

    [Fact]
    public void Bytes_do_not_depend_on_the_order_of_metadata()
    {
        TensorContent[] tensors = [TensorContent.From("a", new byte[3], 3)];
        var reversed = Metadata.Reverse().ToDictionary();
        Assert.Equal(
            SampleTables.Bytes(stream => SafeTensors.Write(stream, Metadata, tensors)),
            SampleTables.Bytes(stream => SafeTensors.Write(stream, reversed, tensors)));
    }

    [Fact]
    public void A_file_in_the_middle_of_a_stream_is_read()
    {
        byte[] file = Write(TensorContent.From("a", new[] { 1, 2 }, 2));
        var stream = new MemoryStream([1, 2, 3, .. file]) { Position = 3 };
        Assert.Equal([1, 2], new SafeTensorsReader(stream).Read<int>("a"));
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] file = Write(TensorContent.From("a", new[] { 1, 2 }, 2), TensorContent.From("b", new byte[5], 5));
        for (int length = 0; length < file.Length; length++)
        {
            byte[] cut = file[..length];
            Assert.Throws<InvalidDataException>(() => new SafeTensorsReader(new MemoryStream(cut)));
        }
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}""", "out of range")]
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""", "overlaps tensor 'a'")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""", "hole of 2 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "4 bytes follow")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "needs 12")]
    [InlineData("""{"a":{"dtype":"I64","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", "too large")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-8],"data_offsets":[0,8]}}""", "-8")]
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[8,0]}}""", "[8, 0]")]
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0]}}""", "[begin, end]")]
    [InlineData("""{"a":{"dtype":"U8","shape":[8.5],"data_offsets":[0,8]}}""", "8.5")]
    [InlineData("""{"a":{"dtype":"U8","shape":8,"data_offsets":[0,8]}}""", "a.shape is not a list")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,8]}}""", "F8_E4M3")]
    [InlineData("""{"a":{"dtype":"0","shape":[2],"data_offsets":[0,8]}}""", "type '0'")]
    [InlineData("""{"a":{"shape":[8],"data_offsets":[0,8]}}""", "no dtype")]
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""", "not valid JSON")]
    [InlineData("""{"a":""", "not valid JSON")]
    [InlineData("""[]""", "begin with '{'")]
    [InlineData("""{"__metadata__":{"k":1},"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""", "k is not a string")]
    [InlineData("""{"__metadata__":[]}""", "__metadata__ is not an object")]
    [InlineData("""{"a":7}""", "'a' is not an object")]
    public void A_wrong_header_is_refused_with_the_reason(string header, string reason)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] file = [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. new byte[8]];
        var error = Assert.Throws<InvalidDataException>(() => new SafeTensorsReader(new MemoryStream(file)));
        Assert.Contains(reason, error.Message);
    }

    [Theory]
    [InlineData(ulong.MaxValue, "18446744073709551615")]
    [InlineData(100_000_001UL, "at most 100000000")]
    [InlineData(1000UL, "the file ends after 8")]
    public void A_wrong_header_length_is_refused(ulong length, string reason)
    {
        byte[] file = [.. BitConverter.GetBytes(length), .. "{}      "u8];
        var error = Assert.Throws<InvalidDataException>(() => new SafeTensorsReader(new MemoryStream(file)));
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void A_tensor_of_another_name_or_type_is_refused()
    {
        var reader = new SafeTensorsReader(new MemoryStream(Write(TensorContent.From("a", new[] { 1, 2 }, 2))));
        Assert.Contains("'b'", Assert.Throws<InvalidDataException>(() => reader.Read<int>("b")).Message);
        Assert.Contains("I32", Assert.Throws<InvalidDataException>(() => reader.Read<float>("a")).Message);
    }

    [Fact]
    public void What_cannot_be_written_is_refused()
    {
        Assert.Throws<ArgumentException>(() => TensorContent.From("a", new float[3], 2, 2));
        Assert.Throws<ArgumentException>(() => TensorContent.From("a", new char[3], 3));
        TensorContent tensor = TensorContent.From("a", new byte[1], 1);
        Assert.Throws<ArgumentException>(() => Write(tensor, tensor));
        Assert.Throws<ArgumentException>(() => Write(TensorContent.From("__metadata__", new byte[1], 1)));
        Assert.Throws<ArgumentException>(() => Write(TensorContent.From("__padding_0", new byte[1], 1)));
    }

    private static byte[] Write(params TensorContent[] tensors) =>
        SampleTables.Bytes(stream => SafeTensors.Write(stream, Metadata, tensors));
}
