namespace Bet.Tests.Autograd;

/// <summary>The operations that bring values into other shapes.</summary>
public sealed partial class GradientTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 4, 5)]
    public void PairSums(int left, int right, int columns)
    {
        var (x, z) = (New(left, columns), New(right, columns));
        Check([x, z], tape =>
        {
            var values = tape.Parameter(x);
            tape.SquaredNorm(0.1f, values);
            return Reduce(tape, tape.PairSums(values, tape.Parameter(z)));
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PairSums_with_a_constant(bool constantFirst)
    {
        var (x, z) = (New(3, 4), New(2, 4));
        Check([x], tape =>
        {
            var (values, constant) = (tape.Parameter(x), tape.Constant(z.Value));
            return Reduce(tape, constantFirst ? tape.PairSums(constant, values) : tape.PairSums(values, constant));
        });
    }

    [Theory]
    [InlineData(1, 3, 1)]
    [InlineData(0, 4, 2)]
    [InlineData(1, 2, 3)]
    public void Columns(int start, int count, int step)
    {
        var x = New(5, 7);
        Check([x], tape =>
        {
            var values = tape.Parameter(x);
            tape.SquaredNorm(0.1f, tape.Columns(values, new(0, 2)));
            return Reduce(tape, tape.Columns(values, new(start, count, step)));
        });
    }

    [Fact]
    public void Reshape()
    {
        var x = New(6, 2);
        Check([x], tape =>
        {
            var values = tape.Parameter(x);
            tape.SquaredNorm(0.1f, values);
            return Reduce(tape, tape.Reshape(values, 3, 4));
        });
    }
}
