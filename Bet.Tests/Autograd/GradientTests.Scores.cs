using Bet.Tests.Compute;

namespace Bet.Tests.Autograd;

/// <summary>The operations scores are made of, and the loss of scores.</summary>
public sealed partial class GradientTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 17)]
    public void RowDots(int rows, int columns)
    {
        var (x, z) = (New(rows, columns), New(rows, columns));
        Check([x, z], tape => Reduce(tape, tape.RowDots(tape.Parameter(x), tape.Parameter(z))));
    }

    [Fact]
    public void RowDots_of_a_value_with_itself()
    {
        var x = New(4, 5);
        Check([x], tape => Reduce(tape, tape.RowDots(tape.Parameter(x), tape.Parameter(x))));
    }

    [Fact]
    public void MatMulTransposed()
    {
        var (x, z) = (New(5, 7), New(3, 7));
        Check([x, z], tape => Reduce(tape, tape.MatMulTransposed(tape.Parameter(x), tape.Parameter(z))));
    }

    [Theory]
    [InlineData(1, 1, 1f)]
    [InlineData(4, 1, 0.5f)]
    [InlineData(3, 9, 1f)]
    [InlineData(3, 17, 0.7f)]
    public void SampledSoftmax(int rows, int negativesPerRow, float temperature)
    {
        var (p, n) = (New(rows, 1), New(rows, negativesPerRow));
        Check([p, n], tape => tape.SampledSoftmax(temperature, tape.Parameter(p), tape.Parameter(n)));
    }

    [Fact]
    public void SampledSoftmax_without_the_negatives_that_users_have()
    {
        var (p, n) = (New(3, 1), New(3, 40));
        using var owned = backend.Ids([0b1001, 1 << 7, 0, 0, -1, 0xFF]);
        Check([p, n], tape => tape.SampledSoftmax(0.5f, tape.Parameter(p), tape.Parameter(n), owned));
    }

    [Fact]
    public void SampledSoftmax_of_computed_scores_beside_another_use_of_them()
    {
        var (users, positives, negatives) = (New(3, 6), New(3, 6), New(5, 6));
        Check([users, positives, negatives], tape =>
        {
            var u = tape.Parameter(users);
            var scores = tape.MatMulTransposed(u, tape.Parameter(negatives));
            var positive = tape.RowDots(u, tape.Parameter(positives));
            tape.SampledSoftmax(0.5f, positive, scores);
            tape.SampledSoftmax(2, positive, scores);
            return tape.SquaredNorm(0.1f, scores);
        });
    }
}
