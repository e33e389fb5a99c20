using Bet.Engine.Autograd;
using Bet.Engine.Compute;

namespace Bet.Tests.Compute;

public sealed class QuantiseRowsTests
{
    public static TheoryData<Precision> Precisions { get; } = new(Engine.Compute.Precisions.All);

    public static TheoryData<Precision> Fine { get; } = new(Engine.Compute.Precisions.All.Where(p => !p.HasOddCodes()));

    [Theory, MemberData(nameof(Fine))]
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
        foreach (float size in new[] { 1, 1e-2f, 1e-3f, 1e-4f, 1e-5f, 1e-6f, 1e-7f, 1e-9f, 1e4f, 1e30f })
        {
            float[] x = [.. Oracle.Values(rows * width, 2).Select(value => value * size)];
            float[] once = Quantise(precision, null, x, rows, width);
            Assert.Equal(once, Quantise(precision, null, once, rows, width));
            var codes = new sbyte[width];
            for (int row = 0; row < rows && precision.HasScales(); row++)
            {
                Half scale = RowQuantiser.Encode(x.AsSpan(row * width, width), precision, codes);
                Assert.Equal(once.Skip(row * width).Take(width), codes.Select(code => code * (float)scale));
            }
        }
    }

    /// <summary>Below 2^-14 scales are multiples of 2^-24: one of them is off by at most half of itself.</summary>
    [Theory]
    [InlineData(Precision.Int8)]
    [InlineData(Precision.Int4)]
    public void Scales_are_the_smallest_that_the_largest_value_needs(Precision precision)
    {
        foreach (float value in Oracle.Values(1000, 4))
        {
            foreach (float size in new[] { 1e-3f, 1e-2f, 1, 1e4f })
            {
                float scale = (float)RowQuantiser.Scale([value * size, 0], precision);
                float wanted = MathF.Abs(value * size) / precision.Levels();
                if (scale >= 1f / (1 << 14))
                    Assert.True(scale >= wanted && (float)Half.BitDecrement((Half)scale) < wanted, $"{scale} for {wanted}");
                else
                    Assert.InRange(MathF.Abs(Quantise(precision, null, [value * size, 0], 1, 2)[0] - (value * size)), 0, 0.501f * ((1f / (1 << 24)) + wanted));
            }
        }
    }

    [Fact]
    public void Float16_rounds_as_the_runtime_does()
    {
        var random = new Random(5);
        float[] x =
        [
            0, -0f, 65504, 65519.99f, 65520, -65520, 1e30f, float.MaxValue, float.Epsilon, 1f / (1 << 25), 1.5f / (1 << 24), float.NegativeInfinity,
            .. Enumerable.Range(0, 20000).Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue))).Where(float.IsFinite),
            .. Enumerable.Range(0, 2000).Select(i => (1f / (1 << 13)) + (i * (1f / (1 << 25)) / 2)),
        ];
        float[] y = Quantise(Precision.Float16, null, x, 1, x.Length);
        Assert.Equal(x.Select(value => BitConverter.SingleToInt32Bits((float)(Half)value)), y.Select(BitConverter.SingleToInt32Bits));
    }

    /// <summary>The least that 2 and 4 values can be off for normal values: Max (IRE Trans. 1960), table I.</summary>
    [Theory]
    [InlineData(Precision.Int1, 0.3634)]
    [InlineData(Precision.Int2, 0.1188)]
    public void Few_codes_are_off_by_no_more_than_the_best_quantiser_of_normal_values(Precision precision, double expected)
    {
        const int rows = 400, width = 128;
        float[] x = Normal(rows * width, 3);
        float[] y = Quantise(precision, null, x, rows, width);
        double error = x.Zip(y, (a, b) => (double)(a - b) * (a - b)).Average();
        Assert.InRange(error, expected * 0.95, expected * 1.02);
    }

    [Theory]
    [InlineData(Precision.Int1)]
    [InlineData(Precision.Int2)]
    public void A_row_of_one_value_keeps_it_as_nearly_as_its_scale_can(Precision precision)
    {
        foreach (float value in new[] { 1f, -0.37f, 1234.5f })
            Assert.Equal(value, Quantise(precision, null, [value], 1, 1)[0], MathF.Abs(value) / 1024);
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
        foreach (var precision in Engine.Compute.Precisions.All.Where(p => p.HasScales()))
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

    private static float[] Normal(int count, int seed) => Oracle.Run(backend =>
    {
        var values = backend.Allocate(1, count);
        backend.FillNormal(new Philox((ulong)seed, RandomPurpose.Test), 1, values);
        return values;
    });

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
