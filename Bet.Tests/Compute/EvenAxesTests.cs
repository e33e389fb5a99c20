using Bet.Engine.Compute;

namespace Bet.Tests.Compute;

public sealed class EvenAxesTests
{
    private static readonly Philox Random = new(1, RandomPurpose.Test);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(128)]
    public void They_are_perpendicular_and_none_has_more_than_another(int size)
    {
        // As principal axes leave them: every column has a tenth less than the one before.
        double[] gram = new double[size * size];
        for (int i = 0; i < size; i++)
            gram[(i * size) + i] = Math.Pow(0.9, i);
        Check(gram, EvenAxes.Of(gram, size, Random), size);
    }

    [Fact]
    public void They_are_so_of_columns_that_vary_together_too()
    {
        const int size = 12;
        float[] x = Oracle.Values(5 * size, 3);
        var gram = new double[size * size];
        for (int at = 0; at < gram.Length; at++)
            gram[at] = Enumerable.Range(0, 5).Sum(row => (double)x[(row * size) + (at / size)] * x[(row * size) + (at % size)]);
        Check(gram, EvenAxes.Of(gram, size, Random), size);
    }

    [Fact]
    public void A_table_of_zeros_has_them() => Check(new double[9], EvenAxes.Of(new double[9], 3, Random), 3);

    [Fact]
    public void What_is_no_matrix_of_numbers_is_refused()
    {
        Assert.Throws<ArgumentException>(() => EvenAxes.Of(new double[3], 2, Random));
        Assert.Throws<ArgumentException>(() => EvenAxes.Of([1, double.NaN, double.NaN, 1], 2, Random));
    }

    private static void Check(double[] gram, double[] axes, int size)
    {
        double[] unit = Between(axes, Identity(size), size), turned = Between(axes, gram, size);
        double mean = Enumerable.Range(0, size).Average(i => gram[(i * size) + i]);
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
                Assert.Equal(i == j ? 1 : 0, unit[(i * size) + j], 1e-9);
            Assert.Equal(mean, turned[(i * size) + i], 1e-5 * mean);
        }
    }

    private static double[] Identity(int size) => [.. Enumerable.Range(0, size * size).Select(at => at / size == at % size ? 1.0 : 0)];

    /// <summary>A' G A.</summary>
    private static double[] Between(double[] axes, double[] gram, int size)
    {
        double[] right = Product(gram, axes, size);
        double[] transposed = [.. Enumerable.Range(0, axes.Length).Select(at => axes[(at % size * size) + (at / size)])];
        return Product(transposed, right, size);
    }

    private static double[] Product(double[] x, double[] y, int size) =>
        [.. Enumerable.Range(0, x.Length).Select(at => Enumerable.Range(0, size).Sum(k => x[(at / size * size) + k] * y[(k * size) + (at % size)]))];
}
