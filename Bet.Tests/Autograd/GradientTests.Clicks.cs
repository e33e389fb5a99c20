namespace Bet.Tests.Autograd;

/// <summary>The operations that click models are made of.</summary>
public sealed partial class GradientTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void LogisticLoss(int rows)
    {
        var z = New(rows, 1);
        using var labels = backend.Allocate(rows, 1);
        backend.Upload([.. Enumerable.Range(0, rows).Select(row => row % 3 == 0 ? 1f : 0f)], labels);
        Check([z], tape => tape.LogisticLoss(tape.Parameter(z), labels));
    }

    [Theory]
    [InlineData(2, 5)]
    [InlineData(4, 3)]
    [InlineData(3, 17)]
    public void PairwiseDots(int blocks, int size)
    {
        var x = New(3, blocks * size);
        Check([x], tape =>
        {
            var values = tape.Parameter(x);
            tape.SquaredNorm(0.1f, values);
            return Reduce(tape, tape.PairwiseDots(size, values));
        });
    }

    [Fact]
    public void CrossLayer()
    {
        var (first, x, w, bias) = (New(4, 5), New(4, 5), New(5, 1), New(1, 5));
        Check([first, x, w, bias], tape => Reduce(tape, tape.CrossLayer(
            tape.Parameter(first), tape.Parameter(x), tape.Parameter(w), tape.Parameter(bias))));
    }

    [Fact]
    public void CrossLayers_of_a_value_with_itself()
    {
        var (x, w, v, bias) = (New(3, 4), New(4, 1), New(4, 1), New(1, 4));
        Check([x, w, v, bias], tape =>
        {
            var first = tape.Parameter(x);
            var one = tape.CrossLayer(first, first, tape.Parameter(w), tape.Parameter(bias));
            return tape.SquaredNorm(0.1f, tape.CrossLayer(first, one, tape.Parameter(v), tape.Parameter(bias)));
        });
    }

    [Fact]
    public void CrossLayer_of_a_constant()
    {
        var (x, w, bias) = (New(3, 4), New(4, 1), New(1, 4));
        Check([w, bias], tape =>
        {
            var first = tape.Constant(x.Value);
            return Reduce(tape, tape.CrossLayer(first, first, tape.Parameter(w), tape.Parameter(bias)));
        });
    }
}
