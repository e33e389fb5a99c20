namespace Bet.Tests.Compute;

public sealed class ReshapeTests
{
    [Theory]
    [InlineData(0, 4, 4, 0)]
    [InlineData(12, 1, 3, 4)]
    [InlineData(300, 77, 77, 300)]
    public void Values_keep_their_order(int rows, int columns, int otherRows, int otherColumns)
    {
        float[] x = Oracle.Values(rows * columns, 1), y = Oracle.Values(rows * columns, 2);
        foreach (float beta in new[] { 0f, 1f })
        {
            float[] actual = Oracle.Run(backend =>
            {
                using var values = backend.Tensor(rows, columns, x);
                var result = backend.Tensor(otherRows, otherColumns, y);
                if (beta == 0)
                    backend.Fill(result, float.NaN);
                backend.Reshape(values, beta, result);
                return result;
            });
            Assert.Equal(x.Select((value, i) => value + (beta == 0 ? 0 : y[i])), actual);
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 3);
        using var y = backend.Allocate(2, 4);
        Oracle.Fails("Reshape: x is [2, 3], y is [2, 4]", () => backend.Reshape(x, 0, y));
    }
}
