using Bet.Engine.Compute;

namespace Bet.Tests.Compute;

public sealed class RowsTests
{
    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Gathered_rows_are_the_rows_asked_for(int width)
    {
        int[] rows = Oracle.RowNumbers(500, 40, 1);
        float[] source = Oracle.Values(40 * width, 2);
        float[] actual = Oracle.Run(backend =>
        {
            using var from = backend.Tensor(40, width, source);
            using var ids = backend.Ids(rows);
            var to = backend.Allocate(rows.Length, width);
            backend.GatherRows(from, ids, to);
            return to;
        });
        Assert.Equal(rows.SelectMany(row => source.Skip(row * width).Take(width)), actual);
    }

    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Scattered_rows_add_up_and_repeated_ones_too(int width)
    {
        foreach (int count in new[] { 0, 1, 3, 1500 })
        {
            int[] rows = Oracle.RowNumbers(count, 37, 1);
            float[] source = Oracle.Values(count * width, 2), destination = Oracle.Values(37 * width, 3);
            float[] actual = Oracle.Run(backend =>
            {
                using var from = backend.Tensor(count, width, source);
                using var ids = backend.Ids(rows);
                var to = backend.Tensor(37, width, destination);
                backend.ScatterAddRows(-0.5f, from, ids, to);
                return to;
            });
            double[] expected = [.. destination.Select(value => (double)value)];
            for (int i = 0; i < source.Length; i++)
                expected[(rows[i / width] * width) + (i % width)] -= 0.5 * source[i];
            Oracle.Close(expected, actual);
        }
    }

    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Bias_is_added_to_every_row(int width)
    {
        float[] bias = Oracle.Values(width, 1), y = Oracle.Values(300 * width, 2);
        float[] actual = Oracle.Run(backend =>
        {
            using var row = backend.Tensor(1, width, bias);
            var result = backend.Tensor(300, width, y);
            backend.AddBias(row, result);
            return result;
        });
        Assert.Equal(y.Select((value, i) => value + bias[i % width]), actual);
    }

    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Column_sums_match_the_scalar_ones(int width)
    {
        foreach (var (rows, beta) in new[] { (0, 0f), (0, 2f), (1, 0f), (5000, -1f) })
        {
            float[] x = Oracle.Values(rows * width, 1), y = Oracle.Values(width, 2);
            float[] actual = Oracle.Run(backend =>
            {
                using var source = backend.Tensor(rows, width, x);
                var sums = backend.Tensor(1, width, y);
                if (beta == 0)
                    backend.Fill(sums, float.NaN);
                backend.ColumnSums(3, source, beta, sums);
                return sums;
            });
            double[] expected = [.. y.Select(value => (double)beta * value)];
            for (int i = 0; i < x.Length; i++)
                expected[i % width] += 3.0 * x[i];
            Oracle.Close(expected, actual, 1e-4);
        }
    }

    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void A_masked_row_keeps_its_prefix(int width)
    {
        int[] sizes = Oracle.RowNumbers(700, width + 1, 1);
        float[] x = Oracle.Values(700 * width, 2);
        float[] actual = Oracle.Run(backend =>
        {
            using var kept = backend.Ids(sizes);
            var result = backend.Tensor(700, width, x);
            backend.PrefixMask(kept, result);
            return result;
        });
        Assert.Equal(x.Select((value, i) => i % width < sizes[i / width] ? value : 0), actual);
    }

    [Theory]
    [InlineData(0, 1, 0, 1, 5)]
    [InlineData(1, 1, 3, 1, 0)]
    [InlineData(2, 1, 4, 1, 17)]
    [InlineData(1, 2, 4, 1, 10)]
    [InlineData(3, 1, 0, 2, 13)]
    [InlineData(1, 6, 2, 7, 4)]
    public void Copied_columns_leave_the_others_alone(int from, int fromStep, int to, int toStep, int count)
    {
        float[] source = Oracle.Values(900 * 20, 1), destination = Oracle.Values(900 * 25, 2);
        foreach (bool add in new[] { false, true })
        {
            float[] actual = Oracle.Run(backend =>
            {
                using var values = backend.Tensor(900, 20, source);
                var result = backend.Tensor(900, 25, destination);
                backend.CopyColumns(values, new(from, count, fromStep), result, new(to, count, toStep), add);
                return result;
            });
            float[] expected = [.. destination];
            for (int row = 0; row < 900; row++)
            {
                for (int j = 0; j < count; j++)
                {
                    int at = (row * 25) + to + (toStep * j);
                    expected[at] = source[(row * 20) + from + (fromStep * j)] + (add ? expected[at] : 0);
                }
            }

            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void Shapes_and_row_numbers_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var table = backend.Allocate(5, 4);
        using var batch = backend.Allocate(2, 4);
        using var row = backend.Allocate(1, 3);
        using var ids = backend.Ids([4, 5]);
        using var one = backend.Ids([0]);
        Oracle.Fails(
            "GatherRows: row numbers from 4 to 5 for [5, 4]", () => backend.GatherRows(table, ids, batch));
        Oracle.Fails(
            "ScatterAddRows: row numbers from 4 to 5 for [5, 4]", () => backend.ScatterAddRows(1, batch, ids, table));
        Oracle.Fails("GatherRows: 1 rows of [5, 4] do not fit [2, 4]", () => backend.GatherRows(table, one, batch));
        Oracle.Fails(
            "ScatterAddRows: [2, 4] does not add to 1 rows of [5, 4]",
            () => backend.ScatterAddRows(1, batch, one, table));
        Oracle.Fails("AddBias: bias is [1, 3], y is [5, 4]", () => backend.AddBias(row, table));
        Oracle.Fails("ColumnSums: x is [5, 4], y is [1, 3]", () => backend.ColumnSums(1, table, 0, row));
        Oracle.Fails("PrefixMask: 1 sizes for the rows of [5, 4]", () => backend.PrefixMask(one, table));
        Oracle.Fails(
            "CopyColumns: 3 columns from 2 of [5, 4] to 3 columns from 0 of [5, 4]",
            () => backend.CopyColumns(table, new(2, 3), table, new(0, 3), false));
        Oracle.Fails(
            "CopyColumns: 2 columns from 0 in steps of 4 of [5, 4] to 2 columns from 0 of [5, 4]",
            () => backend.CopyColumns(table, new(0, 2, 4), table, new(0, 2), false));
        Oracle.Fails(
            "CopyColumns: 2 columns from 0 of [5, 4] to 1 columns from 0 of [5, 4]",
            () => backend.CopyColumns(table, new(0, 2), table, new(0, 1), false));
    }
}
