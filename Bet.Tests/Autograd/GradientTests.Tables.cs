using Bet.Engine.Compute;
using Bet.Engine.Embeddings;

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
}
