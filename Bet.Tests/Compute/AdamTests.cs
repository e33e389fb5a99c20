using Bet.Engine.Compute;

namespace Bet.Tests.Compute;

public sealed class AdamTests
{
    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Three_steps_match_the_formula_of_the_paper(int width)
    {
        Compare(0, width, sizes: null);
        Compare(1, width, sizes: null);
        Compare(400, width, sizes: null);
        Compare(400, width, Oracle.RowNumbers(400, width + 1, 9));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var x = backend.Allocate(2, 3);
        using var y = backend.Allocate(3, 2);
        using var sizes = backend.Ids([1]);
        Oracle.Fails(
            "Adam: gradient [2, 3], value [2, 3], first moment [3, 2], second moment [2, 3]",
            () => backend.Adam(new AdamStep(1, 0.1f), x, x, y, x, null));
        Oracle.Fails(
            "Adam: 1 sizes for the rows of [2, 3]", () => backend.Adam(new AdamStep(1, 0.1f), x, x, x, x, sizes));
        Oracle.Fails("Adam: steps count from 1, not from 0", () => backend.Adam(default, x, x, x, x, null));
    }

    /// <summary>
    /// The result holds value, m and v side by side. Past a row's size there is NaN in the gradient: neither read
    /// nor written.
    /// </summary>
    private static void Compare(int rows, int width, int[]? sizes)
    {
        float[] value = Oracle.Values(rows * width, 1);
        float[][] gradients = [.. Enumerable.Range(2, 3).Select(seed => Oracle.Values(rows * width, seed)
            .Select((g, i) => i % width < (sizes?[i / width] ?? width) ? g : float.NaN).ToArray())];
        float[] actual = Oracle.Run(backend =>
        {
            Tensor[] state = [backend.Tensor(rows, width, value), backend.Allocate(rows, width),
                backend.Allocate(rows, width)];
            using var ids = sizes is null ? null : backend.Ids(sizes);
            for (int step = 1; step <= 3; step++)
            {
                using var gradient = backend.Tensor(rows, width, gradients[step - 1]);
                backend.Adam(new AdamStep(step, 0.01f), gradient, state[0], state[1], state[2], ids);
            }

            var all = backend.Allocate(rows, 3 * width);
            for (int i = 0; i < 3; i++)
            {
                backend.CopyColumns(state[i], new(0, width), all, new(i * width, width), false);
                state[i].Dispose();
            }

            return all;
        });
        Oracle.Close(Expected(rows, width, value, gradients), actual, 1e-6);
    }

    private static double[] Expected(int rows, int width, float[] value, float[][] gradients)
    {
        double[] expected = new double[rows * 3 * width];
        for (int i = 0; i < value.Length; i++)
        {
            double x = value[i], m = 0, v = 0;
            for (int step = 1; step <= 3 && !float.IsNaN(gradients[0][i]); step++)
            {
                double g = gradients[step - 1][i];
                m = (0.9 * m) + (0.1 * g);
                v = (0.999 * v) + (0.001 * g * g);
                double mean = m / (1 - Math.Pow(0.9, step)), square = v / (1 - Math.Pow(0.999, step));
                x -= 0.01 * mean / (Math.Sqrt(square) + 1e-8);
            }

            int at = (i / width * 3 * width) + (i % width);
            (expected[at], expected[at + width], expected[at + (2 * width)]) = (x, m, v);
        }

        return expected;
    }
}
