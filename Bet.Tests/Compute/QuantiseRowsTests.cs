using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Tests.Compute;

public sealed class QuantiseRowsTests
{
    public static TheoryData<Precision> Precisions { get; } = new(Engine.Compute.Precisions.All);

    [Theory, MemberData(nameof(Precisions))]
    public void A_value_is_off_by_at_most_half_a_code(Precision precision)
    {
        foreach (int width in new[] { 1, 3, 16, 37, 128 })
        {
            const int rows = 500;
            float[] x = Oracle.Values(rows * width, 1);
            float[] y = Quantise(precision, null, x, rows, width);
            for (int row = 0; row < rows; row++)
            {
                float largest = x.Skip(row * width).Take(width).Max(MathF.Abs);
                float most = precision switch
                {
                    Precision.Float32 => 0,
                    Precision.Float16 => largest / 2048,
                    _ => largest / precision.Levels() * 0.5f * 1.001f,
                };
                for (int i = row * width; i < (row + 1) * width; i++)
                    Assert.True(MathF.Abs(x[i] - y[i]) <= most, $"{x[i]} became {y[i]} in a row of at most {largest}");
            }
        }
    }

    [Theory, MemberData(nameof(Precisions))]
    public void Rounding_again_changes_nothing_and_the_kernel_rounds_as_packing_does(Precision precision)
    {
        const int rows = 300, width = 45;
        float[] x = Oracle.Values(rows * width, 2);
        float[] once = Quantise(precision, null, x, rows, width);
        Assert.Equal(once, Quantise(precision, null, once, rows, width));
        var codes = new sbyte[width];
        for (int row = 0; row < rows && precision.HasScales(); row++)
        {
            Half scale = RowQuantiser.Encode(x.AsSpan(row * width, width), precision, codes);
            Assert.Equal(once.Skip(row * width).Take(width), codes.Select(code => code * (float)scale));
        }
    }

    [Fact]
    public void What_a_row_does_not_have_becomes_zero_and_does_not_count()
    {
        float[] x = [1, 2, 100, 3, 50, 100, 7, 8, 9];
        float[] y = Quantise(Precision.Int8, [2, 1, 0], x, 3, 3);
        Assert.Equal(0, y[2]);
        Assert.Equal([0f, 0f, 0f, 0f, 0f], y[4..]);
        Assert.Equal(2, y[1], 2e-2f);
        Assert.Equal(1, y[0], 1e-2f);
        Assert.Equal(3, y[3], 3e-2f);
    }

    [Fact]
    public void Rows_of_zeros_and_very_large_values_stay_finite()
    {
        foreach (var precision in new[] { Precision.Int8, Precision.Int4 })
        {
            Assert.Equal([0f, 0f], Quantise(precision, null, [0, 0], 1, 2));
            float[] y = Quantise(precision, null, [1e30f, -1e30f], 1, 2);
            Assert.Equal([65504f * precision.Levels(), -65504f * precision.Levels()], y);
        }
    }

    [Fact]
    public void The_gradient_goes_straight_through()
    {
        var backend = Oracle.Backend;
        using var parameter = new Parameter(backend, "p", 3, 4);
        backend.Upload(Oracle.Values(12, 1), parameter.Value);
        using var ones = backend.Allocate(3, 4);
        backend.Fill(ones, 1);
        using var tape = new Tape(backend);
        tape.Begin();
        var rounded = tape.QuantiseRows(tape.Parameter(parameter), Precision.Int4);
        Assert.Same(rounded, tape.QuantiseRows(tape.Parameter(parameter), Precision.Int4));
        tape.SquaredNorm(0.5f, rounded);
        tape.Backward();
        var gradient = new float[12];
        var value = new float[12];
        backend.Download(parameter.Gradient, gradient);
        backend.Download(rounded.Value, value);
        Assert.Equal(value, gradient);
    }

    private static float[] Quantise(Precision precision, int[]? sizes, float[] x, int rows, int width) => Oracle.Run(backend =>
    {
        using var source = backend.Tensor(rows, width, x);
        using var ids = sizes is null ? null : backend.AllocateIds(rows);
        if (ids is not null)
            backend.Upload(sizes, ids);
        var result = backend.Allocate(rows, width);
        backend.Fill(result, 7);
        backend.QuantiseRows(precision, ids, source, result);
        return result;
    });
}
