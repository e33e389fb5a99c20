using Bet.Engine.Compute;
using Bet.Engine.Embeddings;
using Bet.Engine.Search;

namespace Bet.Tests.Autograd;

public sealed partial class GradientTests
{
    /// <summary>The gradient of what is shared is the sum over all rows that share it.</summary>
    [Theory]
    [InlineData("hashing", 4, 14)]
    [InlineData("hashing", 1, 4)]
    [InlineData("quotient-remainder-add", 3, 18)]
    [InlineData("quotient-remainder-multiply", 3, 18)]
    [InlineData("quotient-remainder-concatenate", 5, 20)]
    [InlineData("k-way-multiply", 3, 18)]
    [InlineData("chinese-remainder-multiply", 3, 21)]
    [InlineData("low-rank", 3, 30)]
    public void Rows_of_compressed_tables(string kind, int columns, int values)
    {
        var shape = Compressors.Find(kind)!.Largest(7, columns, long.MaxValue, values);
        using var table = shape.Create(backend, "users", columns);
        table.Initialise(new Philox(5, RandomPurpose.Test), 0.7f);
        Check([.. table.Parameters], tape =>
        {
            tape.SquaredNorm(0.3f, table.SomeRows(tape, Rows(2, 6, 2)));
            return Reduce(tape, table.AllRows(tape));
        });
    }

    [Fact]
    public void Rows_that_own_nothing_and_share()
    {
        var sizes = new SideSizes([11, 1, 0, 2], SharedSize: 2);
        using var table = new BudgetedTable(backend, "users", sizes, 4);
        table.Initialise(new Philox(5, RandomPurpose.Test), 0.7f);
        // What lies beyond a row's size exists for the finite differences alone.
        Check([.. table.Parameters], tape => Reduce(tape, table.AllRows(tape)));
        var values = Read(table.Parameters[0].Value);
        Assert.Equal((11, 4), (table.Parameters[0].Value.Rows, table.Parameters[0].Value.Columns));
        for (int row = 0; row < 11; row++)
            Assert.All(values[((4 * row) + sizes.ToStoredRows()[row])..((4 * row) + 4)], value => Assert.Equal(0, value));
        Assert.Equal(values[16..18], table.Pack().Row(5));
    }
}
