namespace Bet.Engine.Compute;

/// <summary>How much the columns of tables vary, and with each other.</summary>
internal static class GramMatrix
{
    /// <summary>X'X / tr(X'X) + Y'Y / tr(Y'Y): either counts as much as the other, however many rows it has.</summary>
    /// <param name="backend">Where both are.</param>
    /// <param name="x">[n, width].</param>
    /// <param name="y">[m, width].</param>
    /// <returns>Symmetric, [width, width], row-major.</returns>
    public static double[] OfBoth(Backend backend, Tensor x, Tensor y) => [.. Of(backend, x).Zip(Of(backend, y), (of, and) => of + and)];

    private static double[] Of(Backend backend, Tensor x)
    {
        int width = x.Columns;
        using var product = backend.Allocate(width, width);
        backend.Gemm(true, false, 1, x, x, 0, product);
        var gram = new float[product.Length];
        backend.Download(product, gram);
        double trace = Enumerable.Range(0, width).Sum(i => (double)gram[(i * width) + i]);
        return [.. gram.Select((value, at) => trace == 0 ? 0 : (value + gram[(at % width * width) + (at / width)]) / (2 * trace))];
    }
}
