using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// Y = alpha A X + beta Z with A sparse. Up to eight vectors of columns of a row of Y are summed in registers in one
/// pass over the row's non-zeros: 128 columns with 512-bit vectors.
/// <para>
/// Where rows of X have sizes, these fall with the row, and column ids rise: the non-zeros whose rows of X reach into a
/// vector are the first ones, and the pass goes on with fewer and fewer vectors.
/// </para>
/// <para>
/// X and Y are float32 or bfloat16; the sums are float32. The rows of X are gathered about as often as an entity has
/// neighbours, so their bytes are the time.
/// </para>
/// </summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// Chunks of rows. Many more than threads, so that one slow chunk leaves nobody waiting for long.
    /// </summary>
    private const int SpMMChunks = 128;

    /// <summary>Vectors that one pass over a row sums.</summary>
    private const int BlockVectors = 8;

    public override void SpMM(
        float alpha, CsrMatrix a, Tensor x, float beta, Tensor z, Tensor y, Ids? sourceSizes = null,
        Ids? resultSizes = null)
    {
        Check(a.Columns == x.Rows, $"SpMM: matrix has {a.Columns} columns, x has {x.Rows} rows");
        Check(a.Rows == y.Rows, $"SpMM: matrix has {a.Rows} rows, y has {y.Rows} rows");
        Check(x.Columns == y.Columns && SameShape(y, z), $"SpMM: x is {x}, z is {z}, y is {y}");
        CheckSizes(sourceSizes, x, resultSizes, y);
        if (y.Length == 0)
            return;
        SpMM(alpha, a, StoredRows.Of(x), beta, z, StoredRows.Of(y), sourceSizes, resultSizes);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
    }

    /// <summary>The caller keeps X and Y alive.</summary>
    private void SpMM(
        float alpha, CsrMatrix a, StoredRows x, float beta, Tensor z, StoredRows y, Ids? sourceSizes, Ids? resultSizes)
    {
        int chunks = Math.Min(SpMMChunks, a.Rows);
        workers.For(chunks, (alpha, a, x, beta, z, y, sourceSizes, resultSizes, chunks), static (in work, chunk) =>
        {
            var (alpha, a, x, beta, z, y, sourceSizes, resultSizes, chunks) = work;
            var product = new SparseProduct(alpha, a, x, beta, z, y, sourceSizes, resultSizes);
            int start = FirstRowOfChunk(product.Offsets, a.Rows, chunk, chunks);
            int end = FirstRowOfChunk(product.Offsets, a.Rows, chunk + 1, chunks);
            if (x.Rounded)
                SparseRows<BFloat16Source>(product, start, end);
            else
                SparseRows<Float32Source>(product, start, end);
        });
    }

    private static void CheckSizes(Ids? sourceSizes, Tensor x, Ids? resultSizes, Tensor y)
    {
        Check(resultSizes is null || resultSizes.Count == y.Rows, $"SpMM: {resultSizes?.Count} sizes for the rows of {y}");
        if (sourceSizes is null)
            return;
        Check(sourceSizes.Count == x.Rows, $"SpMM: {sourceSizes.Count} sizes for the rows of {x}");
        int* sizes = sourceSizes.Pointer;
        for (int row = 1; row < sourceSizes.Count; row++)
            Check(sizes[row] <= sizes[row - 1], $"SpMM: the size of row {row} of x is {sizes[row]}, after {sizes[row - 1]}");
        GC.KeepAlive(sourceSizes);
    }

    /// <summary>
    /// Chunks are equal in non-zeros plus rows: the first row r with offsets[r] + r at or above the chunk's share.
    /// Rows come by falling frequency, so equal numbers of rows would be very unequal work.
    /// </summary>
    private static int FirstRowOfChunk(int* offsets, int rows, int chunk, int chunks)
    {
        long share = ((long)offsets[rows] + rows) * chunk / chunks;
        int low = 0, high = rows;
        while (low < high)
        {
            int middle = (int)(((uint)low + (uint)high) / 2);
            if ((long)offsets[middle] + middle < share)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>Rows start .. end, with the widest vectors they can fill.</summary>
    private static void SparseRows<TSource>(in SparseProduct product, int start, int end)
        where TSource : ISource
    {
        if (Vector512.IsHardwareAccelerated && product.Width >= Simd512.Count)
            SparseRows<Simd512, Vector512<float>, TSource>(product, start, end);
        else if (Vector256.IsHardwareAccelerated && product.Width >= Simd256.Count)
            SparseRows<Simd256, Vector256<float>, TSource>(product, start, end);
        else if (Vector128.IsHardwareAccelerated && product.Width >= Simd128.Count)
            SparseRows<Simd128, Vector128<float>, TSource>(product, start, end);
        else
            SparseRows<SimdScalar, float, TSource>(product, start, end);
    }

    private static void SparseRows<TSimd, TVector, TSource>(in SparseProduct product, int start, int end)
        where TSimd : ISimd<TVector>
        where TVector : struct
        where TSource : ISource
    {
        int lanes = TSimd.Count, width = product.Width;

        // limits[i]: the rows of X that reach into vector i come before it. Room for a whole block, of nothing.
        int vectors = ChunksOf(width, lanes);
        int* limits = stackalloc int[vectors + BlockVectors];
        for (int i = 0; i < vectors + BlockVectors; i++)
            limits[i] = i < vectors ? product.SourceRowsBeyond(Math.Min(i * lanes, width - lanes)) : 0;
        float* sums = stackalloc float[BlockVectors * lanes];
        for (int row = start; row < end; row++)
        {
            int needed = product.ResultSizes is null ? width : Math.Clamp(product.ResultSizes[row], 0, width);
            for (int column = 0; column < needed; column += BlockVectors * lanes)
            {
                // The last columns as a full vector that ends with the row, of which only the new lanes are written.
                int reach = Math.Min(BlockVectors * lanes, needed - column);
                int whole = Math.Min((reach + lanes - 1) / lanes, (width - column) / lanes);
                int next = column + (whole * lanes);
                if (whole > 0)
                    SparseBlock<TSimd, TVector, TSource>(
                        product, row, column, limits + (column / lanes), sums, whole, column, needed);
                if (next < column + reach)
                    SparseBlock<TSimd, TVector, TSource>(
                        product, row, width - lanes, limits + (next / lanes), sums, 1, next, needed);
            }
        }
    }

    /// <summary>Up to eight vectors of columns of a row, of which columns from .. to are written.</summary>
    private static void SparseBlock<TSimd, TVector, TSource>(
        in SparseProduct product, int row, int column, int* limits, float* sums, int vectors, int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct
        where TSource : ISource
    {
        for (int i = 0; i < vectors; i++)
            TSimd.Store(TSimd.Create(0), sums + (i * TSimd.Count));
        int k = product.Offsets[row], end = product.Offsets[row + 1];
        for (int reached = vectors; reached > 0 && k < end; reached--)
        {
            int stop = product.FirstAtOrAbove(limits[reached - 1], k, end);
            if (stop == k)
                continue;
            switch (reached)
            {
                case 8:
                    Accumulate<TSimd, TVector, TSource, Eight>(product, k, stop, column, sums);
                    break;
                case 7:
                    Accumulate<TSimd, TVector, TSource, Seven>(product, k, stop, column, sums);
                    break;
                case 6:
                    Accumulate<TSimd, TVector, TSource, Six>(product, k, stop, column, sums);
                    break;
                case 5:
                    Accumulate<TSimd, TVector, TSource, Five>(product, k, stop, column, sums);
                    break;
                case 4:
                    Accumulate<TSimd, TVector, TSource, Four>(product, k, stop, column, sums);
                    break;
                case 3:
                    Accumulate<TSimd, TVector, TSource, Three>(product, k, stop, column, sums);
                    break;
                case 2:
                    Accumulate<TSimd, TVector, TSource, Two>(product, k, stop, column, sums);
                    break;
                default:
                    Accumulate<TSimd, TVector, TSource, One>(product, k, stop, column, sums);
                    break;
            }

            k = stop;
        }

        for (int i = 0; i < vectors; i++)
        {
            int at = i * TSimd.Count;
            Finish<TSimd, TVector>(product, TSimd.Load(sums + at), row, column + at, from, to);
        }
    }

    /// <summary>
    /// Y = alpha sum + beta Z for one vector at the given column; only columns from .. to are written.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TSimd, TVector>(
        in SparseProduct product, TVector sum, int row, int column, int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        long at = ((long)row * product.Width) + column;
        var result = TSimd.Multiply(TSimd.Create(product.Alpha), sum);
        if (product.Beta != 0)
            result = TSimd.MultiplyAdd(TSimd.Create(product.Beta), TSimd.Load(product.Z + at), result);
        bool whole = column >= from && column + TSimd.Count <= to;
        if (!whole)
            StorePart<TSimd, TVector>(result, product, at, Math.Max(0, from - column), Math.Min(TSimd.Count, to - column));
        else if (product.RoundsY)
            TSimd.StoreBFloat16(result, (ushort*)product.Y + at);
        else
            TSimd.Store(result, (float*)product.Y + at);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StorePart<TSimd, TVector>(TVector value, in SparseProduct product, long at, int from, int to)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        float* values = stackalloc float[TSimd.Count];
        TSimd.Store(value, values);
        for (int i = from; i < to; i++)
        {
            if (product.RoundsY)
                SimdScalar.StoreBFloat16(values[i], (ushort*)product.Y + at + i);
            else
                ((float*)product.Y)[at + i] = values[i];
        }
    }
}
