using Bet.Engine.Compute;
using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

public sealed class SpMMTests
{
    [Theory, MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Product_matches_the_scalar_one(int width)
    {
        foreach (var (rows, columns) in new[] { (1, 1), (3, 50), (400, 90) })
        {
            Compare(SparseRows(rows, columns), columns, width, 1, 0, inPlace: false);
            Compare(SparseRows(rows, columns), columns, width, 0.5f, -2, inPlace: false);
            Compare(SparseRows(rows, columns), columns, width, -1.5f, 1, inPlace: true);
        }
    }

    [Fact]
    public void Empty_matrices_give_zeros()
    {
        Compare([[], [], []], 4, 17, 1, 0, inPlace: false);
        Compare([[], []], 0, 33, 1, 0.5f, inPlace: true);
        Compare([], 5, 16, 1, 0, inPlace: false);
        Compare([[], [2], []], 5, 0, 1, 0, inPlace: false);
    }

    [Fact]
    public void A_beta_of_zero_never_reads_z()
    {
        float[] result = Oracle.Run(backend =>
        {
            using var a = backend.UploadCsr(2, 2, [0, 1, 2], [1, 0], [1, 2]);
            using var x = backend.Tensor(2, 19, Oracle.Values(38, 1));
            var y = backend.Allocate(2, 19);
            backend.Fill(y, float.NaN);
            backend.SpMM(1, a, x, 0, y, y);
            return y;
        });
        Assert.DoesNotContain(result, float.IsNaN);
    }

    /// <summary>Rows that are known to be short give the bits of rows that are merely zero there.</summary>
    [Theory]
    [MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Known_sizes_of_source_rows_change_no_bit(int width)
    {
        const int Rows = 120, Columns = 90;
        int[] sizes = [.. Enumerable.Range(0, Columns).Select(row => (width + 3) * (Columns - 8 - row) / (Columns - 8))];
        float[] x = Oracle.Values(Columns * width, 2), z = Oracle.Values(Rows * width, 3);
        for (int row = 0; row < Columns; row++)
            x.AsSpan(row * width, width)[Math.Clamp(sizes[row], 0, width)..].Clear();
        Assert.Equal(Product(null, null), Product(sizes, null));

        float[] Product(int[]? sourceSizes, int[]? resultSizes) =>
            SizedProduct(SparseRows(Rows, Columns), Columns, width, x, z, sourceSizes, resultSizes);
    }

    /// <summary>Wanted values have the bits of the whole product; the others are those that were there.</summary>
    [Theory]
    [MemberData(nameof(Oracle.Widths), MemberType = typeof(Oracle))]
    public void Only_wanted_values_of_result_rows_are_written(int width)
    {
        const int Rows = 120, Columns = 90;
        int[] wanted = [.. Oracle.RowNumbers(Rows, width + 3, 5).Select(size => size - 1)];
        float[] x = Oracle.Values(Columns * width, 2), z = Oracle.Values(Rows * width, 3);
        float[] expected = SizedProduct(SparseRows(Rows, Columns), Columns, width, x, z, null, null);
        for (int row = 0; row < Rows; row++)
            expected.AsSpan(row * width, width)[Math.Clamp(wanted[row], 0, width)..].Fill(7);
        Assert.Equal(expected, SizedProduct(SparseRows(Rows, Columns), Columns, width, x, z, null, wanted));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        var backend = Oracle.Backend;
        using var a = backend.UploadCsr(2, 7, [0, 0, 0], [], []);
        using var six = backend.Allocate(6, 3);
        using var seven = backend.Allocate(7, 3);
        using var two = backend.Allocate(2, 3);
        using var narrow = backend.Allocate(2, 2);
        using var sizes = backend.Ids([3, 2, 2, 1, 2, 0, 0]);
        Oracle.Fails(
            "SpMM: the size of row 4 of x is 2, after 1", () => backend.SpMM(1, a, seven, 0, two, two, sizes));
        Oracle.Fails(
            "SpMM: 7 sizes for the rows of [2, 3]", () => backend.SpMM(1, a, seven, 0, two, two, null, sizes));
        Oracle.Fails("SpMM: matrix has 7 columns, x has 6 rows", () => backend.SpMM(1, a, six, 0, two, two));
        Oracle.Fails("SpMM: matrix has 2 rows, y has 6 rows", () => backend.SpMM(1, a, seven, 0, six, six));
        Oracle.Fails(
            "SpMM: x is [7, 3], z is [2, 2], y is [2, 2]", () => backend.SpMM(1, a, seven, 0, narrow, narrow));
    }

    [Fact]
    public void A_matrix_that_would_be_read_out_of_bounds_is_refused()
    {
        var backend = Oracle.Backend;
        Oracle.Fails(
            "UploadCsr: the column ids of row 1 do not rise",
            () => backend.UploadCsr(2, 3, [0, 1, 3], [0, 2, 1], [1, 1, 1]));
        Oracle.Fails(
            "UploadCsr: column id 3 is outside [0, 3)", () => backend.UploadCsr(1, 3, [0, 1], [3], [1]));
        Oracle.Fails("UploadCsr: the offsets fall after row 1", () => backend.UploadCsr(2, 3, [0, 2, 1], [0], [1]));
        Oracle.Fails("UploadCsr: 2 rows need 3 offsets, not 2", () => backend.UploadCsr(2, 3, [0, 1], [0], [1]));
        Oracle.Fails(
            "UploadCsr: offsets run from 0 to 2, not from 0 to 1", () => backend.UploadCsr(1, 3, [0, 2], [0], [1]));
        Oracle.Fails("UploadCsr: 2 column ids, but 1 values", () => backend.UploadCsr(1, 3, [0, 2], [0, 1], [1]));
    }

    /// <summary>Rows of falling length, from nearly full to empty, as in a graph ordered by frequency.</summary>
    private static int[][] SparseRows(int rows, int columns) =>
        [.. Enumerable.Range(0, rows).Select(row =>
            Enumerable.Range(0, columns).Where(column => ((column * 7) + row) % (row + 1) == 0).ToArray())];

    /// <summary>0.5 A X - 2 Z, into a destination that was full of sevens.</summary>
    private static float[] SizedProduct(
        int[][] rows, int columns, int width, float[] x, float[] z, int[]? sourceSizes, int[]? resultSizes)
    {
        int[] offsets = [0, .. rows.Select((_, row) => rows.Take(row + 1).Sum(r => r.Length))];
        int[] ids = [.. rows.SelectMany(row => row)];
        return Oracle.Run(backend =>
        {
            using var a = backend.UploadCsr(rows.Length, columns, offsets, ids, Oracle.Values(ids.Length, 1));
            using var source = backend.Tensor(columns, width, x);
            using var addend = backend.Tensor(rows.Length, width, z);
            using var have = sourceSizes is null ? null : backend.Ids(sourceSizes);
            using var wanted = resultSizes is null ? null : backend.Ids(resultSizes);
            var y = backend.Allocate(rows.Length, width);
            backend.Fill(y, 7);
            backend.SpMM(0.5f, a, source, -2, addend, y, have, wanted);
            return y;
        });
    }

    private static void Compare(int[][] rows, int columns, int width, float alpha, float beta, bool inPlace)
    {
        int[] offsets = [0, .. rows.Select((_, row) => rows.Take(row + 1).Sum(r => r.Length))];
        int[] ids = [.. rows.SelectMany(row => row)];
        float[] weights = Oracle.Values(ids.Length, 1), x = Oracle.Values(columns * width, 2);
        float[] z = Oracle.Values(rows.Length * width, 3);
        float[] actual = Oracle.Run(backend =>
        {
            using var a = backend.UploadCsr(rows.Length, columns, offsets, ids, weights);
            using var source = backend.Tensor(columns, width, x);
            var y = inPlace ? backend.Tensor(rows.Length, width, z) : backend.Allocate(rows.Length, width);
            using var addend = backend.Tensor(rows.Length, width, z);
            backend.SpMM(alpha, a, source, beta, inPlace ? y : addend, y);
            return y;
        });
        double[] expected = new double[z.Length];
        for (int row = 0; row < rows.Length; row++)
        {
            for (int column = 0; column < width; column++)
            {
                double sum = 0;
                for (int k = offsets[row]; k < offsets[row + 1]; k++)
                    sum += (double)weights[k] * x[(ids[k] * width) + column];
                int at = (row * width) + column;
                expected[at] = (alpha * sum) + (beta * z[at]);
            }
        }

        Oracle.Close(expected, actual);
    }
}
