using System.Security.Cryptography;
using Bet.Engine.Artifacts;
using Bet.Engine.Compute;
using Bet.Engine.Embeddings;
using Bet.Engine.Fields;
using Bet.Engine.Search;
using Bet.Tests.Artifacts;

namespace Bet.Tests.Embeddings;

/// <summary>What holds for the compressors by complementary partitions beyond what holds for all.</summary>
public sealed class PartitionedTableTests
{
    /// <summary>Numbers of cells, of so many entities and so many cells of the chosen partition.</summary>
    private static readonly Dictionary<string, Func<long, long, IReadOnlyList<Partition>>> Families = new()
    {
        ["quotient-remainder-add"] = Partitions.QuotientRemainder,
        ["quotient-remainder-multiply"] = Partitions.QuotientRemainder,
        ["quotient-remainder-concatenate"] = Partitions.QuotientRemainder,
        ["k-way-multiply"] = (n, cells) => Partitions.MixedRadix(n, cells, 3),
        ["chinese-remainder-multiply"] = (n, cells) => Partitions.ChineseRemainder(n, cells, 2),
    };

    public static TheoryData<string> Names => [.. Families.Keys];

    [Fact]
    public void These_are_all() => Assert.Equal(
        Families.Keys, Compressors.All.OfType<PartitionCompressor>().Select(compressor => compressor.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void No_two_entities_have_all_rows_in_common(string name)
    {
        var random = new Random(1);
        for (int round = 0; round < 300; round++)
        {
            int rows = random.Next(1, 3000), size = random.Next(2, 20);
            var shape = Random(random, Compressors.Find(name)!, rows, size, out long most);
            Assert.InRange(shape.Values, 1, most);
            Assert.InRange(shape.Bytes, 1, 4 * most);
            int tables = shape.Parts.Count;
            var seen = new HashSet<UInt128>(rows);
            for (int row = 0; row < rows; row++)
            {
                var cells = UInt128.Zero;
                for (int j = 0; j < tables; j++)
                {
                    Assert.InRange(shape.CellOf(j, row), 0, shape.Parts[j].Rows - 1);
                    cells = (cells << 32) + (uint)shape.CellOf(j, row);
                }

                Assert.True(seen.Add(cells), $"row {row} of {rows} is another's by {string.Join(", ", shape.Parts)}");
            }
        }
    }

    /// <summary>Of all numbers of cells, the least table has those of fewest values, and the largest the most that fit.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void No_number_of_cells_does_better(string name)
    {
        var compressor = Compressors.Find(name)!;
        int valuesOfCell = name.EndsWith("concatenate") ? 2 : 4;
        for (int rows = 1; rows <= 400; rows += rows < 60 ? 1 : 17)
        {
            var choices = Enumerable.Range(1, rows).Select(cells => Families[name](rows, cells)).ToList();
            int[] needed = [.. choices.Select(choice => (int)choice.Sum(partition => partition.Cells))];
            Assert.Equal(valuesOfCell * needed.Min(), compressor.Least(rows, 4).Values);
            for (int cells = needed.Min(); cells <= needed.Max() + 3; cells++)
            {
                long most = valuesOfCell * cells;
                int[] expected = [.. choices[Array.FindLastIndex(needed, number => number <= cells)].Select(partition => (int)partition.Cells).Order()];
                Assert.Equal(expected, RowsOf(compressor.Largest(rows, 4, long.MaxValue, most)));
                Assert.Equal(expected, RowsOf(compressor.Largest(rows, 4, (4 * most) + 3, long.MaxValue)));
            }
        }

        static IEnumerable<int> RowsOf(SideShape shape) => ((PartitionedShape)shape).Parts.Select(part => part.Rows).Order();
    }

    /// <summary>Sum, product or values side by side of the rows that plain arithmetic finds in the packed matrices.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Rows_are_those_of_an_explicit_gather(string name)
    {
        var random = new Random(2);
        for (int round = 0; round < 20; round++)
        {
            int rows = random.Next(20, 500), size = random.Next(3, 12);
            var shape = Random(random, Compressors.Find(name)!, rows, size, out _);
            float[][] values = [.. shape.Parts.Select(part => Enumerable.Range(0, part.Rows * part.Columns).Select(_ => random.NextSingle() - 0.5f).ToArray())];
            var packed = new PackedParts(shape, values);
            int[] counts = [.. shape.Parts.Select(part => part.Rows)];
            for (int row = 0; row < rows; row++)
                Assert.Equal(Expected(row), packed.Row(row));

            float[] Expected(int row)
            {
                float[][] own = [.. CellsOf(row).Select((cell, j) => values[j][(cell * shape.Parts[j].Columns)..((cell + 1) * shape.Parts[j].Columns)])];
                return shape.Operation switch
                {
                    FieldOperation.Add => [.. own[0].Zip(own[1], (x, y) => x + y)],
                    FieldOperation.Multiply => own.Aggregate((product, next) => [.. product.Zip(next, (x, y) => x * y)]),
                    _ => [.. own[0], .. own[1]],
                };
            }

            int[] CellsOf(int row) => name.Split('-')[0] switch
            {
                "quotient" => [row / counts[1], row % counts[1]],
                "k" => [row % counts[0], row / counts[0] % counts[1], row / counts[0] / counts[1]],
                _ => [row % counts[0], row % counts[1]],
            };
        }
    }

    /// <summary>Files of these names are the same bytes in every version.</summary>
    [Theory]
    [InlineData("quotient-remainder-add", "A5510B91D7B3EF42FF6F4837E6F404926FC93B78138ED9C78ED75FAE689A022C")]
    [InlineData("quotient-remainder-multiply", "3CAC4BE06E08827E4A782FD1FB0AFF643AE8A88A52DAF23F26F3F9CA6CA90F00")]
    [InlineData("quotient-remainder-concatenate", "BAC6CA7F88649259BF50CEC083DBA3097CD70DD5C49BCFF22A57DA5FCF5FD81D")]
    public void A_packed_table_keeps_its_bytes(string name, string hash)
    {
        var table = SampleSides.Table(name, MemoryBudget.From(new BudgetRequest(Sparsity: 0.6), 90, 61, 1, 11), 7);
        Assert.Equal(hash, Convert.ToHexString(SHA256.HashData(SampleTables.Bytes(stream => TableFile.Write(stream, table)))));
    }

    [Fact]
    public void A_file_whose_tables_are_not_those_of_its_name_is_refused()
    {
        NamedPartition[] tables = [new("table0", new(1, 10)), new("table1", new(10, 10)), new("table2", new(100, 10))];
        var shape = new PartitionedShape("k-way-multiply", 900, 4, tables, FieldOperation.Multiply);
        var side = new PackedParts(shape, [new float[40], new float[40], new float[40]]);
        var table = new PackedTable(side, side, new TableOrigin(1, "", MemoryBudget.From(new BudgetRequest(Sparsity: 0.5), 900, 900, 1, 4)));
        byte[] file = SampleTables.Bytes(stream => TableFile.Write(stream, table));
        var error = Assert.Throws<InvalidDataException>(() => TableFile.Read(new MemoryStream(file)));
        Assert.Equal("users.table2 is (10, 4), (9, 4) is needed", error.Message);
    }

    [Fact]
    public void Shapes_are_equal_by_value_and_refuse_contradictions()
    {
        var shape = Shape(100, 8, FieldOperation.Multiply, new(1, 20), new(20, 5));
        Assert.Equal(shape, Shape(100, 8, FieldOperation.Multiply, new(1, 20), new(20, 5)));
        Assert.Equal(shape.GetHashCode(), Shape(100, 8, FieldOperation.Multiply, new(1, 20), new(20, 5)).GetHashCode());
        Assert.NotEqual(shape, Shape(100, 8, FieldOperation.Add, new(1, 20), new(20, 5)));
        Assert.NotEqual(shape, Shape(100, 8, FieldOperation.Multiply, new(1, 20), new(20, 6)));
        Assert.Equal([2, 3, 3], Shape(8, 8, FieldOperation.Concatenate, new(1, 2), new(2, 2), new(4, 2)).Parts.Select(part => part.Columns));
        Assert.Throws<ArgumentException>(() => Shape(101, 8, FieldOperation.Multiply, new(1, 20), new(20, 5)));
        Assert.Throws<ArgumentException>(() => Shape(100, 8, FieldOperation.Features, new(1, 20), new(20, 5)));
        Assert.Throws<ArgumentException>(() => Shape(100, 8, FieldOperation.Path, new(1, 20), new(20, 5)));

        static PartitionedShape Shape(int rows, int size, FieldOperation operation, params Partition[] partitions) => new(
            "test", rows, size, [.. partitions.Select((partition, j) => new NamedPartition($"table{j}", partition))], operation);
    }

    /// <summary>A shape of a budget between the least that does and the full table's.</summary>
    private static PartitionedShape Random(Random random, Compressor compressor, int rows, int size, out long most)
    {
        long least = compressor.Least(rows, size).Values;
        most = random.NextInt64(least, Math.Max(least, (long)rows * size) + 1);
        return (PartitionedShape)compressor.Largest(rows, size, (4 * most) + random.Next(4), most);
    }
}
