using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

public sealed class DropoutTests
{
    private static readonly Philox Stream = new(0x1234_5678_9ABC, RandomPurpose.Dropout, 7);

    [Theory]
    [InlineData(0, 4, 0.5f)]
    [InlineData(1, 1, 0.5f)]
    [InlineData(1, 63, 0.1f)]
    [InlineData(1, 65, 0.9f)]
    [InlineData(3, 33, 0.3f)]
    [InlineData(700, 61, 0.3f)]
    public void Values_are_dropped_as_the_stream_says(int rows, int columns, float rate)
    {
        int count = rows * columns;
        float[] x = Oracle.Values(count, 1), y = Oracle.Values(count, 2);
        bool[] kept = Kept(count, rate);
        double share = 1 - (Math.Round(65536.0 * rate) / 65536);
        foreach (float beta in new[] { 0f, 1f, -0.5f })
        {
            float[] actual = Run(rows, columns, x, beta, y, (backend, from, to) =>
                backend.Dropout(Stream, rate, from, beta, to));
            Oracle.Close(
                [.. x.Select((value, i) => (kept[i] ? value / share : 0) + ((double)beta * y[i]))], actual);
        }
    }

    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Rows_are_dropped_as_the_stream_says(int width)
    {
        foreach (int rows in new[] { 0, 1, 64, 2600 })
        {
            float[] x = Oracle.Values(rows * width, 1), y = Oracle.Values(rows * width, 2);
            bool[] kept = Kept(rows, 0.25f);
            foreach (float beta in new[] { 0f, 1f, -0.5f })
            {
                float[] actual = Run(rows, width, x, beta, y, (backend, from, to) =>
                    backend.DropRows(Stream, 0.25f, from, beta, to));
                Oracle.Close(
                    [.. x.Select((value, i) => (kept[i / width] ? value / 0.75 : 0) + ((double)beta * y[i]))], actual);
            }
        }
    }

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.5f)]
    [InlineData(0.9f)]
    public void As_many_are_dropped_as_asked_for(float rate)
    {
        float[] ones = [.. Enumerable.Repeat(1f, 400_000)];
        float[] actual = Run(400, 1000, ones, 0, ones, (backend, from, to) =>
            backend.Dropout(Stream, rate, from, 0, to));

        // Five standard deviations of a binomial share.
        double tolerance = 5 * Math.Sqrt(rate * (1 - rate) / actual.Length);
        Assert.Equal(rate, actual.Count(value => value == 0) / (double)actual.Length, tolerance);
        Assert.Equal(1, actual.Average(value => (double)value), tolerance / (1 - rate));
    }

    [Fact]
    public void Streams_drop_independently()
    {
        float[] ones = [.. Enumerable.Repeat(1f, 100_000)];
        float[][] runs = [.. new uint[] { 1, 2 }.Select(index => Run(100, 1000, ones, 0, ones, (backend, from, to) =>
            backend.Dropout(new Philox(1, RandomPurpose.Dropout, index), 0.5f, from, 0, to)))];
        double both = runs[0].Zip(runs[1]).Count(pair => pair.First == 0 && pair.Second == 0) / 100_000.0;
        Assert.Equal(0.25, both, 0.01);
    }

    [Fact]
    public void A_rate_of_zero_is_a_copy()
    {
        float[] x = Oracle.Values(900, 1), y = Oracle.Values(900, 2);
        Assert.Equal(x, Run(30, 30, x, 0, y, (backend, from, to) => backend.Dropout(Stream, 0, from, 0, to)));
        Assert.Equal(x, Run(30, 30, x, 0, y, (backend, from, to) => backend.DropRows(Stream, 0, from, 0, to)));
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 3);
        using var y = backend.Allocate(3, 2);
        Oracle.Fails("Dropout: x is [2, 3], y is [3, 2]", () => backend.Dropout(Stream, 0.5f, x, 0, y));
        Oracle.Fails("DropRows: x is [2, 3], y is [3, 2]", () => backend.DropRows(Stream, 0.5f, x, 0, y));
        Oracle.Fails("Dropout: the rate is 1, outside [0, 1)", () => backend.Dropout(Stream, 1, x, 0, x));
        Oracle.Fails("DropRows: the rate is -0.5, outside [0, 1)", () => backend.DropRows(Stream, -0.5f, x, 0, x));
    }

    /// <summary>Value i by half-word i % 64 / 8 of position 8 (i / 64) + i % 8 of the stream.</summary>
    private static bool[] Kept(int count, float rate) =>
        [.. Enumerable.Range(0, count).Select(i =>
        {
            var (a, b, c, d) = Stream.Block((ulong)((8 * (i / 64)) + (i % 8)));
            int half = i % 64 / 8;
            uint word = new[] { a, b, c, d }[half / 2];
            return (half % 2 == 0 ? word & 0xFFFF : word >> 16) >= Math.Round(65536.0 * rate);
        })];

    private static float[] Run(
        int rows, int columns, float[] x, float beta, float[] y,
        Action<CpuBackend, Tensor, Tensor> operation) =>
        Oracle.Run(backend =>
        {
            using var from = backend.Tensor(rows, columns, x);
            var to = backend.Tensor(rows, columns, y);
            if (beta == 0)
                backend.Fill(to, float.NaN);
            operation(backend, from, to);
            return to;
        });
}
