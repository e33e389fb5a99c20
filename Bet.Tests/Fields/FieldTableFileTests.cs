using System.Runtime.InteropServices;
using System.Text;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Fields;
using Bet.Tests.Artifacts;
using Bet.Tests.Compute;

namespace Bet.Tests.Fields;

public class FieldTableFileTests
{
    public static TheoryData<string> Names => SampleFields.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Fields_come_back_and_their_bytes_are_those_of_the_tensors(string name)
    {
        foreach (var precision in Precisions.All)
        {
            var fields = Packed(name, precision);
            byte[] file = Bytes(fields);
            Assert.Equal(fields, FieldTableFile.Read(new MemoryStream(file)));
            Assert.Equal(file, Bytes(Packed(name, precision)));
            Assert.Equal(
                fields.Shapes.Sum(shape => shape.Bytes), new SafeTensorsReader(new MemoryStream(file)).Layout.Tensors.Sum(tensor => tensor.Bytes));
        }
    }

    /// <summary>Every category of every field, in every precision.</summary>
    [PythonTheory]
    [MemberData(nameof(Names))]
    public void Python_reads_the_engines_vectors_bit_for_bit(string name)
    {
        using var folder = new TemporaryFolder();
        WriteReader(folder);
        foreach (var precision in Precisions.All)
        {
            using var file = File.Create(folder[$"{precision}.safetensors"]);
            FieldTableFile.Write(file, Packed(name, precision));
        }

        (int code, string output, string error) = Python(folder, "-c", """
            import sys, numpy as np, bet_fields
            for precision in sys.argv[1:]:
                table = bet_fields.FieldTable(precision + ".safetensors")
                with open(precision + ".bin", "wb") as file:
                    for place, name in enumerate(table.names):
                        field = table.field(name)
                        vectors = table.vectors(place, np.arange(field.categories))
                        assert vectors.dtype == np.float32 and vectors.shape == (field.categories, field.features * field.size)
                        for category in (0, field.categories // 2, field.categories - 1):
                            assert np.array_equal(table.vector(name, category), vectors[category])
                        file.write(vectors.tobytes())
            """, string.Join(' ', Precisions.All).Split(' '));

        Assert.Equal((0, "", ""), (code, error, output));
        foreach (var precision in Precisions.All)
        {
            var fields = Packed(name, precision);
            float[] expected = [.. fields.Shapes.SelectMany((shape, field) =>
                Enumerable.Range(0, shape.Categories).SelectMany(category => fields.Vector(field, category)))];
            var found = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(folder[$"{precision}.bin"]));
            Assert.Equal(expected.Length, found.Length);
            Assert.True(MemoryMarshal.AsBytes<float>(expected).SequenceEqual(MemoryMarshal.AsBytes(found)), $"{precision} differs");
        }
    }

    [PythonFact]
    public void The_reader_says_what_is_in_a_file_and_what_is_wrong_with_it()
    {
        using var folder = new TemporaryFolder();
        WriteReader(folder);
        byte[] file = Bytes(Packed("quotient-remainder-multiply", Precision.Int8));
        File.WriteAllBytes(folder["fields.safetensors"], file);

        (int code, string output, _) = Python(folder, "bet_fields.py", ["fields.safetensors", "--dense", "C3", "c3.npy"]);
        Assert.Equal(0, code);
        Assert.Contains("C3: 300 categories, multiply of x // 1 % 75, x // 75 % 4, 1 x 6 values", output);
        Assert.Equal(128 + (300 * 6 * 4), new FileInfo(folder["c3.npy"]).Length);
        Assert.Contains("categories from 300 to 300, there are 300", Lookup("C3", 300));
        Assert.Contains("categories from -1 to -1", Lookup("C3", -1));
        Assert.Matches("no field .*C9.* among C1, ", Lookup("C9", 0));
        File.WriteAllBytes(folder["fields.safetensors"], file[..^4]);
        Assert.Contains("truncated", Lookup("C3", 0));

        string Lookup(string field, int category) => Python(
            folder, "-c", $"import bet_fields; bet_fields.FieldTable('fields.safetensors').vector('{field}', {category})").Error;
    }

    [Theory]
    [InlineData("\"format_version\":\"1\"", "\"format_version\":\"2\"", "format_version is '2'")]
    [InlineData("bet.packed_fields", "bet.hacked_fields", "format is 'bet.hacked_fields'")]
    [InlineData("[75,4]", "[75,5]", "30 int8 values are not 24")]
    [InlineData("[[1,75],[75,4]]", "[[1,75],[0,4]] ", "partitions have a divisor and cells")]
    [InlineData("[[1,75],[75,4]]", "[[1,75]]       ", "bytes_used is '10800'")]
    [InlineData("\\\"multiply\\\"", "\\\"multiple\\\"", "contradict themselves")]
    [InlineData("\\\"multiply\\\"", "77          ", "lacks a name, an operation")]
    [InlineData("\\\"int8\\\"", "\\\"int9\\\"", "contradict themselves")]
    [InlineData("\\\"C3\\\"", "\\\"C1\\\"", "cannot be named")]
    [InlineData("field2.table1.scales", "field2.table1.stales", "no tensor 'field2.table1.scales'")]
    public void Metadata_that_contradict_the_tensors_are_refused(string original, string changed, string reason)
    {
        string text = Encoding.Latin1.GetString(Bytes(Packed("quotient-remainder-multiply", Precision.Int8)));
        Assert.Contains(original, text);
        byte[] broken = Encoding.Latin1.GetBytes(text.Replace(original, changed));
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => FieldTableFile.Read(new MemoryStream(broken))).Message);
    }

    [Fact]
    public void Any_changed_byte_of_the_header_is_harmless_or_refused_with_a_reason()
    {
        byte[] file = Bytes(Packed("path of two layers, projected", Precision.Int4));
        int header = (int)new SafeTensorsReader(new MemoryStream(file)).Layout.HeaderBytes;
        int refused = 0;
        foreach (byte flip in new byte[] { 1, 0x80 })
        {
            for (int i = 0; i < header; i++)
            {
                byte[] broken = [.. file];
                broken[i] ^= flip;
                Exception? error = Record.Exception(() => FieldTableFile.Read(new MemoryStream(broken)));
                Assert.True(error is null or InvalidDataException, $"byte {i}: {error}");
                refused += error is null ? 0 : 1;
            }
        }

        Assert.True(refused > header);
    }

    private static PackedFields Packed(string name, Precision precision)
    {
        using var tables = new FieldTables(Oracle.Backend, SampleFields.Shapes(name, precision), Optimiser.Sgd, seed: 11);
        return tables.Pack(SampleFields.FieldNames);
    }

    private static byte[] Bytes(PackedFields fields)
    {
        using var stream = new MemoryStream();
        FieldTableFile.Write(stream, fields);
        return stream.ToArray();
    }

    private static void WriteReader(TemporaryFolder folder)
    {
        using var file = File.Create(folder[FieldTableFile.PythonReaderName]);
        typeof(FieldTableFile).Assembly.GetManifestResourceStream(FieldTableFile.PythonReaderName)!.CopyTo(file);
    }

    private static (int Code, string Output, string Error) Python(TemporaryFolder folder, string first, string second, params string[] rest) =>
        Python(folder, first, [second, .. rest]);

    private static (int Code, string Output, string Error) Python(TemporaryFolder folder, string first, string[] rest) =>
        PythonInterpreter.Run(PythonInterpreter.Path, [first, .. rest], folder.Path)!.Value;
}
