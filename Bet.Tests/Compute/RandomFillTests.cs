using Bet.Engine.Compute;

namespace Bet.Tests.Compute;

public sealed class RandomFillTests
{
    private static readonly Philox Stream = new(42, RandomPurpose.Test, 3);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(3, 7)]
    [InlineData(400, 101)]
    public void Normal_values_depend_on_their_position_alone(int rows, int columns)
    {
        float[] actual = Oracle.Run(backend =>
        {
            var tensor = backend.Allocate(rows, columns);
            backend.FillNormal(Stream, 0.1f, tensor);
            return tensor;
        });
        for (int i = 0; i < actual.Length; i++)
        {
            var (first, second) = Stream.Normals((ulong)i / 2);
            Assert.Equal(0.1 * (i % 2 == 0 ? first : second), actual[i], 1e-6);
        }
    }

    [Fact]
    public void Normal_values_have_the_deviation_asked_for()
    {
        float[] values = Oracle.Run(backend =>
        {
            var tensor = backend.Allocate(1000, 100);
            backend.FillNormal(Stream, 2, tensor);
            return tensor;
        });
        Assert.Equal(0, values.Average(), 0.03);
        Assert.Equal(4, values.Average(value => value * value), 0.08);
    }

    [Fact]
    public void Uniform_values_fill_their_range()
    {
        float[] values = Oracle.Run(backend =>
        {
            var tensor = backend.Allocate(1000, 101);
            backend.FillUniform(Stream, -3, 1, tensor);
            return tensor;
        });
        Assert.All(values, value => Assert.InRange(value, -3, MathF.BitDecrement(1)));
        Assert.Equal(-1, values.Average(), 0.02);
        Assert.Equal(-3 + (4 * Stream.Uniform(77)), values[77], 1e-6);
    }

    [Fact]
    public void An_empty_range_is_refused()
    {
        using var tensor = Oracle.Backend.Allocate(1, 1);
        Oracle.Fails("FillUniform: [1, 1) is empty", () => Oracle.Backend.FillUniform(Stream, 1, 1, tensor));
    }
}
