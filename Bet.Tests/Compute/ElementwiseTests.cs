using Bet.Engine.Compute;

namespace Bet.Tests.Compute;

public sealed class ElementwiseTests
{
    public static TheoryData<int, int> Shapes => new()
    {
        { 0, 3 }, { 3, 0 }, { 1, 1 }, { 1, 7 }, { 1, 15 }, { 1, 16 }, { 1, 17 }, { 3, 33 }, { 500, 130 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Axpby_matches_the_scalar_sum(int rows, int columns)
    {
        foreach (var (alpha, beta) in new[] { (2f, 0f), (1f, 1f), (-0.5f, 1f), (0.25f, -3f) })
        {
            float[] x = Oracle.Values(rows * columns, 1), y = Oracle.Values(rows * columns, 2);
            float[] actual = Oracle.Run(backend =>
            {
                using var addend = backend.Tensor(rows, columns, x);
                var sum = backend.Tensor(rows, columns, y);
                if (beta == 0)
                    backend.Fill(sum, float.NaN);
                backend.Axpby(alpha, addend, beta, sum);
                return sum;
            });
            Oracle.Close([.. x.Select((value, i) => ((double)alpha * value) + ((double)beta * y[i]))], actual, 1e-6);
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Leaky_relu_scales_what_is_not_positive(int rows, int columns)
    {
        float[] x = Oracle.Values(rows * columns, 1);
        float[] actual = Oracle.Run(backend =>
        {
            var inPlace = backend.Tensor(rows, columns, x);
            backend.LeakyRelu(0.2f, inPlace, inPlace);
            return inPlace;
        });
        Assert.Equal(x.Select(value => value > 0 ? value : 0.2f * value), actual);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Leaky_relu_gradient_follows_the_sign_of_x(int rows, int columns)
    {
        float[] x = Oracle.Values(rows * columns, 1), dy = Oracle.Values(rows * columns, 2);
        float[] dx = Oracle.Values(rows * columns, 3);
        foreach (float beta in new[] { 0f, 1f, -2f })
        {
            float[] actual = Oracle.Run(backend =>
            {
                using var input = backend.Tensor(rows, columns, x);
                using var slope = backend.Tensor(rows, columns, dy);
                var result = backend.Tensor(rows, columns, dx);
                if (beta == 0)
                    backend.Fill(result, float.NaN);
                backend.LeakyReluGradient(0.2f, input, slope, beta, result);
                return result;
            });
            Oracle.Close(
                [.. x.Select((value, i) => ((value > 0 ? 1 : 0.2) * dy[i]) + ((double)beta * dx[i]))], actual, 1e-6);
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 3);
        using var y = backend.Allocate(3, 2);
        Oracle.Fails("Axpby: x is [2, 3], y is [3, 2]", () => backend.Axpby(1, x, 0, y));
        Oracle.Fails("LeakyRelu: x is [2, 3], y is [3, 2]", () => backend.LeakyRelu(1, x, y));
        Oracle.Fails(
            "LeakyReluGradient: x is [2, 3], dy is [2, 3], dx is [3, 2]",
            () => backend.LeakyReluGradient(1, x, x, 0, y));
    }
}
