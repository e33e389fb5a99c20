using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Tests.Autograd;

/// <summary>
/// Lookups of many fields. A step of plain gradient descent with the rate 1 shows the gradient: it is what the rows lose.
/// </summary>
public sealed partial class GradientTests
{
    private static readonly OptimiserStep Descent = new(Optimiser.Sgd, 1, 1);

    [Fact]
    public void LookUpRows_of_whole_tables()
    {
        var (a, b) = (NewTable(4, 3), NewTable(5, 2));
        CheckRows(new(2, [Source(a, 0, 0, 1, 4, 0, RowOperation.Set), Source(b, 1, 0, 1, 5, 3, RowOperation.Set)]), 0, 4, 3, 1, 0, 4, 3, 2);
    }

    [Theory]
    [InlineData(RowOperation.Add)]
    [InlineData(RowOperation.Multiply)]
    public void LookUpRows_of_quotients_and_remainders(RowOperation operation)
    {
        var (quotient, remainder) = (NewTable(3, 5), NewTable(4, 5));
        CheckRows(new(1, [Source(remainder, 0, 0, 1, 4, 0, RowOperation.Set), Source(quotient, 0, 0, 4, 3, 0, operation)]), 11, 3, 7, 0, 11);
    }

    [Fact]
    public void LookUpRows_of_heads_and_of_every_operation_over_the_same_columns()
    {
        var (set, factor, term, other, last) = (NewTable(2 + 4, 3), NewTable(3, 3), NewTable(2, 3), NewTable(3, 2), NewTable(2, 3));
        FieldLookup lookup = new(2,
        [
            Source(set, 1, 2, 1, 4, 0, RowOperation.Set),
            Source(factor, 1, 2, 4, 3, 0, RowOperation.Multiply),
            Source(other, 0, 0, 1, 3, 3, RowOperation.Set),
            Source(term, 1, 2, 2, 2, 0, RowOperation.Add),
            Source(last, 1, 2, 1, 2, 0, RowOperation.Multiply),
        ]);
        CheckRows(lookup, 0, 0, 1, 1, 2, 2, 0, 9, 2, 9, 1, 11);
    }

    [Fact]
    public void UpdateRows_leaves_a_lookup_alone_that_no_loss_reaches()
    {
        var (used, unused) = (NewTable(4, 3), NewTable(4, 3));
        var categories = Rows(1, 2);
        float[] before = Read(unused.Value);
        using var tape = new Tape(backend);
        tape.Begin();
        tape.SquaredNorm(1, tape.LookUpRows(new(1, [Source(used, 0, 0, 1, 4, 0, RowOperation.Set)]), categories));
        tape.LookUpRows(new(1, [Source(unused, 0, 0, 1, 4, 0, RowOperation.Set)]), categories);
        tape.Backward();
        tape.UpdateRows(Descent with { LearningRate = 0.5f });
        Assert.Equal(before, Read(unused.Value));
        Assert.All(Read(used.Value)[3..9], value => Assert.Equal(0, value));
    }

    [Fact]
    public void LookUpRows_asked_for_twice_in_a_step_is_one_variable()
    {
        var table = NewTable(4, 3);
        var lookup = new FieldLookup(1, [Source(table, 0, 0, 1, 4, 0, RowOperation.Set)]);
        var categories = Rows(1, 2);
        using var tape = new Tape(backend);
        tape.Begin();
        var first = tape.LookUpRows(lookup, categories);
        Assert.Same(first, tape.LookUpRows(lookup, categories));
        Assert.NotSame(first, tape.LookUpRows(lookup, Rows(1, 2)));
    }

    private void CheckRows(FieldLookup lookup, params int[] values)
    {
        var categories = Rows(values);
        using var tape = new Tape(backend);
        double Loss()
        {
            tape.Begin();
            Reduce(tape, tape.LookUpRows(lookup, categories));
            return tape.Loss;
        }

        float[][] before = [.. lookup.Sources.Select(source => Read(source.Table.Value))];
        Loss();
        tape.Backward();
        tape.UpdateRows(Descent);
        float[][] after = [.. lookup.Sources.Select(source => Read(source.Table.Value))];
        foreach (var (source, kept) in lookup.Sources.Zip(before))
            backend.Upload(kept, source.Table.Value);
        foreach (var (place, source) in lookup.Sources.Index())
        {
            for (int i = 0; i < before[place].Length; i++)
            {
                double numeric = Difference(source.Table.Value, before[place], i, Loss);
                double analytic = (double)before[place][i] - after[place][i];
                Assert.True(
                    Math.Abs(numeric - analytic) < 2e-3 * Math.Max(1, Math.Abs(numeric)),
                    $"source {place}, value {i}: finite differences {numeric}, gradient {analytic}");
            }
        }
    }

    /// <summary>The central difference of the loss by one value.</summary>
    private double Difference(Tensor tensor, float[] values, int i, Func<double> loss)
    {
        const float step = 1e-2f;
        float[] changed = [.. values];
        changed[i] = values[i] + step;
        backend.Upload(changed, tensor);
        double above = loss();
        changed[i] = values[i] - step;
        backend.Upload(changed, tensor);
        double below = loss();
        backend.Upload(values, tensor);
        return (above - below) / ((double)(values[i] + step) - (values[i] - step));
    }

    private RowTable NewTable(int rows, int columns)
    {
        var table = new RowTable(backend, $"table{streams}", rows, columns, Optimiser.Sgd);
        owned.Add(table);
        backend.FillNormal(new Philox(3, RandomPurpose.Test, streams++), 0.7f, table.Value);
        return table;
    }

    private static RowSource Source(RowTable table, int field, int head, long divisor, long cells, int column, RowOperation operation) =>
        new(table, field, head, divisor, cells, column, operation);
}
