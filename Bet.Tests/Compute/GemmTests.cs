using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

public sealed class GemmTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 0, 5, 3 }, { 5, 0, 3 }, { 5, 4, 0 }, { 12, 32, 7 }, { 13, 33, 9 }, { 11, 31, 257 },
        { 1, 130, 100 }, { 200, 1, 64 }, { 97, 65, 300 }, { 300, 128, 16 }, { 7, 9, 5000 }, { 64, 33, 2048 },
        { 6, 500, 513 }, { 24, 16, 40 }, { 26, 48, 300 }, { 24, 8, 33 }, { 18, 4, 12 }, { 32, 16, 4096 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Product_matches_the_scalar_one_for_every_transpose(int rows, int columns, int depth)
    {
        foreach (bool transposeA in new[] { false, true })
        {
            foreach (bool transposeB in new[] { false, true })
            {
                Compare(rows, columns, depth, transposeA, transposeB, 1, 0);
                Compare(rows, columns, depth, transposeA, transposeB, -0.5f, 0.75f);
            }
        }
    }

    [Fact]
    public void A_beta_of_zero_never_reads_the_destination()
    {
        foreach (int depth in new[] { 0, 3, 300, 4000 })
        {
            float[] result = Oracle.Run(backend =>
            {
                using var a = backend.Tensor(5, depth, Oracle.Values(5 * depth, 1));
                using var b = backend.Tensor(depth, 40, Oracle.Values(depth * 40, 2));
                var c = backend.Allocate(5, 40);
                backend.Fill(c, float.NaN);
                backend.Gemm(false, false, 1, a, b, 0, c);
                return c;
            });
            Assert.DoesNotContain(result, float.IsNaN);
        }
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        using var a = Oracle.Backend.Allocate(3, 4);
        using var b = Oracle.Backend.Allocate(5, 6);
        using var c = Oracle.Backend.Allocate(3, 6);
        Oracle.Fails(
            "Gemm: A is [3, 4], B is [5, 6], C is [3, 6]", () => Oracle.Backend.Gemm(false, false, 1, a, b, 0, c));
    }

    private static void Compare(
        int rows, int columns, int depth, bool transposeA, bool transposeB, float alpha, float beta)
    {
        float[] a = Oracle.Values(rows * depth, 1), b = Oracle.Values(depth * columns, 2);
        float[] c = Oracle.Values(rows * columns, 3);
        float[] actual = Oracle.Run(backend =>
        {
            using var left = backend.Tensor(transposeA ? depth : rows, transposeA ? rows : depth, a);
            using var right = backend.Tensor(transposeB ? columns : depth, transposeB ? depth : columns, b);
            var result = backend.Tensor(rows, columns, c);
            backend.Gemm(transposeA, transposeB, alpha, left, right, beta, result);
            return result;
        });
        double[] expected = new double[rows * columns];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                double sum = 0;
                for (int k = 0; k < depth; k++)
                {
                    sum += (double)a[transposeA ? (k * rows) + row : (row * depth) + k] *
                        b[transposeB ? (column * depth) + k : (k * columns) + column];
                }

                int at = (row * columns) + column;
                expected[at] = (alpha * sum) + (beta * c[at]);
            }
        }

        Oracle.Close(expected, actual, 1e-6 * Math.Sqrt(depth + 16));
    }
}
