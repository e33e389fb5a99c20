using System.Text;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Search;

namespace Bet.Tests.Artifacts;

public class TableFileTests
{
    [Fact]
    public void Each_row_is_the_prefix_of_its_dense_row()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            int maximumSize = random.Next(1, 20);
            (SideSizes sizes, float[] dense) = SampleTables.Side(random, random.Next(0, 60), maximumSize);
            sizes = sizes with { Precision = (Precision)(seed % 4) };
            int[] rowSizes = sizes.ToRows();
            for (int row = 0; row < rowSizes.Length; row++)
            {
                var values = dense.AsSpan(row * maximumSize, rowSizes[row]);
                RowQuantiser.Round(values, sizes.Precision, values);
            }

            PackedRows packed = PackedRows.Pack(dense, maximumSize, sizes);

            for (int row = 0; row < rowSizes.Length; row++)
            {
                Assert.Equal(dense.AsSpan(row * maximumSize, rowSizes[row]).ToArray(), packed.Row(row));
                Assert.Equal((uint)rowSizes.Count(size => size > rowSizes[row]), packed.RowStarts[rowSizes[row]]);
            }

            Assert.Equal(dense, packed.Unpack(maximumSize));
            Assert.Throws<ArgumentOutOfRangeException>(() => packed.Row(rowSizes.Length));
        }
    }

    [Fact]
    public void Packing_from_the_width_in_use_is_the_same()
    {
        var sizes = SideSizes.FromRows([3, 2, 0], maximumSize: 8);
        PackedRows narrow = PackedRows.Pack([1, 2, 3, 4, 5, 9, 9, 9, 9], 3, sizes);
        Assert.Equal([1, 2, 3, 0, 4, 5, 0, 0, 0, 0, 0, 0], narrow.Unpack(4));
        Assert.Throws<ArgumentException>(() => PackedRows.Pack(new float[6], 2, sizes));
        Assert.Throws<ArgumentException>(() => new PackedRows(sizes, Floats(4)));
        Assert.Throws<ArgumentException>(() => new PackedRows(sizes with { Precision = Precision.Int8 }, Floats(5)));
        Assert.Throws<ArgumentException>(() => PackedValues.From(Precision.Float16, 5, new float[5], []));
        Assert.Throws<ArgumentException>(() => narrow.Unpack(2));
    }

    [Fact]
    public void A_table_comes_back_and_its_bytes_are_those_of_its_tensors()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            var precision = new TablePrecision((Precision)(seed % 4), (Precision)(seed / 4 % 4));
            PackedTable table = SampleTables.Table(
                seed, users: seed + 1, items: 3 * seed + 1, maximumSize: seed % 7 + 1, precision: precision);
            byte[] file = SampleTables.Bytes(stream => TableFile.Write(stream, table));

            Assert.Equal(table, TableFile.Read(new MemoryStream(file)));
            Assert.Equal(file, SampleTables.Bytes(stream => TableFile.Write(stream, table)));
            SafeTensorsLayout layout = new SafeTensorsReader(new MemoryStream(file)).Layout;
            Assert.Equal(table.ServingBytes, layout.Tensors.Sum(tensor => tensor.Bytes));
            if (precision == default)
                Assert.Equal(4 * table.Values + 2 * PackedLayout.IndexBytes(table.MaximumSize), table.ServingBytes);
            Assert.All(layout.Tensors, tensor => Assert.Equal(0, tensor.Start % 64));
        }
    }

    [Theory]
    [InlineData("\"seed\":\"5\"", "\"seed\":\"x\"", "seed is 'x'")]
    [InlineData("\"d_max\":\"9\"", "\"d_max\":\"8\"", "needs 9")]
    [InlineData("\"format_version\":\"3\"", "\"format_version\":\"1\"", "format_version is '1'")]
    [InlineData("\"users.kind\":\"prefix\"", "\"users.kind\":\"suffix\"", "users.kind is 'suffix', there are prefix, hashing")]
    [InlineData("\"users.precision\":\"float32\"", "\"users.precision\":\"float64\"", "users.precision is 'float64'")]
    [InlineData("\"users.precision\":\"float32\"", "\"users.precision\":\"float16\"", "'users.values' is F32, F16 was expected")]
    [InlineData("\"users.rows\":\"17\"", "\"users.rows\":\"18\"", "users.shared_rows is 2, 3 rows of size 0 share 3")]
    [InlineData("\"users.rows\":\"17\"", "\"users.rows\":\"01\"", "more than the 1 rows")]
    [InlineData("\"split_hash\"", "\"split_hush\"", "no split_hash")]
    [InlineData("bet.packed_table", "bet.hacked_table", "format is 'bet.hacked_table'")]
    public void Metadata_that_contradicts_the_table_is_refused(string original, string changed, string reason)
    {
        byte[] file = SampleTables.Bytes(stream => TableFile.Write(stream, SampleTables.Table(5)));
        string text = Encoding.Latin1.GetString(file);
        Assert.Contains(original, text);
        byte[] broken = Encoding.Latin1.GetBytes(text.Replace(original, changed));
        var error = Assert.Throws<InvalidDataException>(() => TableFile.Read(new MemoryStream(broken)));
        Assert.Contains(reason, error.Message);
    }

    [Theory]
    [InlineData(new uint[] { 2, 3, 0 }, "rises from 2 to 3")]
    [InlineData(new uint[] { 3, 2, 1 }, "no row is larger than d_max")]
    [InlineData(new uint[] { 3, 1, 0 }, "adds up to 4")]
    [InlineData(new uint[] { 4, 1, 0 }, "more than the 3 rows")]
    [InlineData(new uint[] { 3, 0 }, "d_max = 2 needs 3")]
    public void A_wrong_index_is_refused(uint[] rowStarts, string reason)
    {
        var sizes = SideSizes.FromRows([2, 2, 1], maximumSize: 2);
        var budget = MemoryBudget.From(new BudgetRequest(Sparsity: 0), 3, 3, 1, 2);
        var values = new float[5];
        var side = new PackedRows(sizes, Floats(5));
        var table = new PackedTable(side, side, new TableOrigin(1, "", budget));
        var source = new SafeTensorsReader(new MemoryStream(SampleTables.Bytes(stream => TableFile.Write(stream, table))));

        byte[] broken = SampleTables.Bytes(stream => SafeTensors.Write(stream, source.Metadata,
        [
            TensorContent.From("users.values", values, 5),
            TensorContent.From("users.row_starts", rowStarts, rowStarts.Length),
            TensorContent.From("items.values", values, 5),
            TensorContent.From("items.row_starts", side.RowStarts.ToArray(), 3),
        ]));

        var error = Assert.Throws<InvalidDataException>(() => TableFile.Read(new MemoryStream(broken)));
        Assert.Contains(reason, error.Message);
    }

    private static PackedValues Floats(int count) => PackedValues.From(Precision.Float32, count, new float[count], []);

    [Fact]
    public void Any_changed_byte_of_the_header_is_harmless_or_refused_with_a_reason()
    {
        byte[] file = SampleTables.Bytes(stream => TableFile.Write(stream, SampleTables.Table(5)));
        int header = (int)new SafeTensorsReader(new MemoryStream(file)).Layout.HeaderBytes;
        int refused = 0;
        foreach (byte flip in new byte[] { 1, 2, 0x10, 0x80 })
        {
            for (int i = 0; i < header; i++)
            {
                byte[] broken = [.. file];
                broken[i] ^= flip;
                Exception? error = Record.Exception(() => TableFile.Read(new MemoryStream(broken)));
                Assert.True(error is null or InvalidDataException, $"byte {i}: {error}");
                refused += error is null ? 0 : 1;
            }
        }

        Assert.True(refused > header);
    }

    [Fact]
    public void A_file_of_version_2_is_one_of_prefixes()
    {
        PackedTable table = SampleTables.Table(5);
        string file = Encoding.Latin1.GetString(SampleTables.Bytes(stream => TableFile.Write(stream, table)));
        string older = file.Replace("\"format_version\":\"3\"", "\"format_version\":\"2\"").Replace("users.kind", "users.mind");
        Assert.Equal(table, TableFile.Read(new MemoryStream(Encoding.Latin1.GetBytes(older))));
        string newer = file.Replace("users.kind", "users.mind");
        var error = Assert.Throws<InvalidDataException>(() => TableFile.Read(new MemoryStream(Encoding.Latin1.GetBytes(newer))));
        Assert.Contains("no users.kind", error.Message);
    }

    [Fact]
    public void A_table_over_its_budget_has_no_proof()
    {
        PackedTable table = SampleTables.Table(1);
        var smaller = MemoryBudget.From(new BudgetRequest(Parameters: table.Values - 1), 17, 23, 0, 9);
        PackedTable over = table with { Origin = table.Origin with { Budget = smaller } };
        SafeTensorsLayout layout = TableFile.Write(Stream.Null, over);
        Assert.Contains("the budget is", Assert.Throws<InvalidDataException>(() => BudgetProof.Of(over, layout)).Message);

        var loosened = smaller with { MaximumBytes = 1 << 20, MaximumValues = 1 << 18 };
        PackedTable cheating = table with { Origin = table.Origin with { Budget = loosened } };
        Assert.Contains("does not follow", Assert.Throws<InvalidDataException>(() => BudgetProof.Of(cheating, layout)).Message);
    }
}
