using Bet.Engine.Compute;

namespace Bet.Tests.Autograd;

/// <summary>The operations layers are made of: products of values, normalised rows, dropout.</summary>
public sealed partial class GradientTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(5, 17)]
    public void NormaliseRows(int rows, int columns)
    {
        var x = New(rows, columns);
        Check([x], tape =>
        {
            var values = tape.Parameter(x);
            tape.SquaredNorm(0.1f, values);
            return Reduce(tape, tape.NormaliseRows(values));
        });
    }

    [Fact]
    public void Multiply()
    {
        var (x, z) = (New(4, 9), New(4, 9));
        Check([x, z], tape => Reduce(tape, tape.Multiply(tape.Parameter(x), tape.Parameter(z))));
    }

    [Fact]
    public void Multiply_of_a_value_with_itself()
    {
        var x = New(3, 5);
        Check([x], tape => Reduce(tape, tape.Multiply(tape.Parameter(x), tape.Parameter(x))));
    }

    [Fact]
    public void Add()
    {
        var (x, z) = (New(4, 9), New(4, 9));
        Check([x, z], tape =>
        {
            var sum = tape.Add(0.5f, tape.Parameter(x), -2, tape.Parameter(z));
            return Reduce(tape, tape.Add(1, sum, 1, tape.Parameter(x)));
        });
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.4f)]
    public void Dropout(float rate)
    {
        var x = New(7, 11);
        var random = new Philox(4, RandomPurpose.Dropout);
        Check([x], tape => Reduce(tape, tape.Dropout(random, rate, tape.Parameter(x))));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.4f)]
    public void DropRows(float rate)
    {
        var x = New(9, 4);
        var random = new Philox(4, RandomPurpose.Dropout, 2);
        Check([x], tape =>
        {
            var values = tape.Parameter(x);
            tape.SquaredNorm(0.1f, values);
            return Reduce(tape, tape.DropRows(random, rate, values));
        });
    }
}
