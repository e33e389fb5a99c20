using Bet.Engine.Compute;

namespace Bet.Tests.Compute;

public sealed class PrincipalAxesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(128)]
    public void They_are_perpendicular_and_make_the_matrix_diagonal_its_largest_value_first(int size)
    {
        double[] gram = Gram(rows: 3 * size, size);
        double[] axes = PrincipalAxes.Of(gram, size);
        double[] inAxes = Product(Product(Transposed(axes, size), gram, size), axes, size);
        double[] unit = Product(Transposed(axes, size), axes, size);
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                Assert.Equal(i == j ? 1 : 0, unit[(i * size) + j], 1e-9);
                Assert.True(i == j || Math.Abs(inAxes[(i * size) + j]) < 1e-7 * inAxes[0], $"{i}, {j}: {inAxes[(i * size) + j]}");
            }

            Assert.True(i == 0 || inAxes[(i * size) + i] <= inAxes[((i - 1) * size) + i - 1]);
        }
    }

    [Fact]
    public void A_matrix_of_less_than_full_rank_has_them_too()
    {
        double[] axes = PrincipalAxes.Of(Gram(rows: 3, 8), 8);
        double[] unit = Product(Transposed(axes, 8), axes, 8);
        for (int i = 0; i < 8; i++)
            Assert.Equal(1, unit[(i * 8) + i], 1e-9);
        Assert.Equal(new double[] { 1, 0, 0, 1 }, PrincipalAxes.Of(new double[4], 2));
    }

    [Fact]
    public void What_is_no_matrix_of_numbers_is_refused()
    {
        Assert.Throws<ArgumentException>(() => PrincipalAxes.Of(new double[3], 2));
        Assert.Throws<ArgumentException>(() => PrincipalAxes.Of([1, double.NaN, double.NaN, 1], 2));
    }

    private static double[] Gram(int rows, int size)
    {
        float[] x = Oracle.Values(rows * size, size);
        var gram = new double[size * size];
        for (int at = 0; at < gram.Length; at++)
            gram[at] = Enumerable.Range(0, rows).Sum(row => (double)x[(row * size) + (at / size)] * x[(row * size) + (at % size)]);
        return gram;
    }

    private static double[] Transposed(double[] x, int size) =>
        [.. Enumerable.Range(0, x.Length).Select(at => x[(at % size * size) + (at / size)])];

    private static double[] Product(double[] x, double[] y, int size) =>
        [.. Enumerable.Range(0, x.Length).Select(at => Enumerable.Range(0, size).Sum(k => x[(at / size * size) + k] * y[(k * size) + (at % size)]))];
}
