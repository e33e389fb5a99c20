using Bet.Engine.Autograd;

namespace Bet.Tests.Autograd;

/// <summary>Networks of each row, and columns of several values.</summary>
public sealed partial class GradientTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 5, 7)]
    [InlineData(2, 17, 3)]
    public void PathMlp(int rows, int width, int hidden)
    {
        var (x, weights) = (New(rows, width), New(rows, (2 * hidden * width) + hidden + width));
        Check([x, weights], tape => Reduce(tape, tape.PathMlp(tape.Parameter(x), tape.Parameter(weights))));
    }

    [Fact]
    public void PathMlp_after_PathMlp_with_the_same_weights()
    {
        var (x, weights) = (New(2, 3), New(2, (2 * 5 * 3) + 5 + 3));
        Check([x, weights], tape =>
        {
            var (values, layers) = (tape.Parameter(x), tape.Parameter(weights));
            tape.SquaredNorm(0.1f, layers);
            return Reduce(tape, tape.Add(1, tape.PathMlp(tape.PathMlp(values, layers), layers), 1, values));
        });
    }

    [Fact]
    public void Columns_of_several_values()
    {
        var (x, z) = (New(3, 6), New(3, 2));
        Check([x, z], tape =>
        {
            var (left, right) = (tape.Parameter(x), tape.Parameter(z));
            return Reduce(tape, tape.ConcatenateColumns([new(left, new(1, 3)), new(right, new(0, 2)), new(left, new(2, 4))]));
        });
    }
}
