namespace Bet.Tests.Compute;

public sealed class MultiplyTests
{
    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 1)]
    [InlineData(1, 15)]
    [InlineData(1, 17)]
    [InlineData(3, 33)]
    [InlineData(500, 130)]
    public void Products_match_the_scalar_ones(int rows, int columns)
    {
        float[] x = Oracle.Values(rows * columns, 1), z = Oracle.Values(rows * columns, 2);
        float[] y = Oracle.Values(rows * columns, 3);
        foreach (float beta in new[] { 0f, 1f, -0.5f })
        {
            float[] actual = Oracle.Run(backend =>
            {
                using var left = backend.Tensor(rows, columns, x);
                using var right = backend.Tensor(rows, columns, z);
                var result = backend.Tensor(rows, columns, y);
                if (beta == 0)
                    backend.Fill(result, float.NaN);
                backend.Multiply(0.3f, left, right, beta, result);
                return result;
            });
            Oracle.Close(
                [.. x.Select((value, i) => (0.3f * (double)value * z[i]) + ((double)beta * y[i]))], actual, 1e-6);
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 3);
        using var y = backend.Allocate(3, 2);
        Oracle.Fails("Multiply: x is [2, 3], z is [3, 2], y is [2, 3]", () => backend.Multiply(1, x, y, 0, x));
        Oracle.Fails("Multiply: x is [2, 3], z is [2, 3], y is [3, 2]", () => backend.Multiply(1, x, x, 0, y));
    }
}
