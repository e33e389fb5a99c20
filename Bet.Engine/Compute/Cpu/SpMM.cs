using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// Y = alpha A X + beta Z with A sparse. Each row of Y is gathered in registers, eight vectors of columns at a time
/// (128 columns with 512-bit vectors: one pass over the row's non-zeros), then four, two and one.
/// </summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// Chunks of rows. Many more than threads, so that one slow chunk leaves nobody waiting for long.
    /// </summary>
    private const int SpMMChunks = 128;

    public override void SpMM(float alpha, CsrMatrix a, Tensor x, float beta, Tensor z, Tensor y)
    {
        Check(a.Columns == x.Rows, $"SpMM: matrix has {a.Columns} columns, x has {x.Rows} rows");
        Check(a.Rows == y.Rows, $"SpMM: matrix has {a.Rows} rows, y has {y.Rows} rows");
        Check(x.Columns == y.Columns && SameShape(y, z), $"SpMM: x is {x}, z is {z}, y is {y}");
        if (y.Length == 0)
            return;
        int chunks = Math.Min(SpMMChunks, a.Rows);
        workers.For(chunks, (alpha, a, x, beta, z, y, chunks), static (in work, chunk) =>
        {
            var (alpha, a, x, beta, z, y, chunks) = work;
            int* offsets = a.RowOffsets.Pointer;
            var product = new SparseProduct(alpha, a, x, beta, z, y);
            int end = FirstRowOfChunk(offsets, a.Rows, chunk + 1, chunks);
            for (int row = FirstRowOfChunk(offsets, a.Rows, chunk, chunks); row < end; row++)
                SparseRow(product, row);
        });
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

    /// <summary>One row, with the widest vectors it can fill.</summary>
    private static void SparseRow(in SparseProduct product, int row)
    {
        if (Vector512.IsHardwareAccelerated && product.Width >= Simd512.Count)
            SparseRow<Simd512, Vector512<float>>(product, row);
        else if (Vector256.IsHardwareAccelerated && product.Width >= Simd256.Count)
            SparseRow<Simd256, Vector256<float>>(product, row);
        else if (Vector128.IsHardwareAccelerated && product.Width >= Simd128.Count)
            SparseRow<Simd128, Vector128<float>>(product, row);
        else
            SparseRow<SimdScalar, float>(product, row);
    }

    private static void SparseRow<TSimd, TVector>(in SparseProduct product, int row)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Count;
        int width = product.Width;
        int column = 0;
        for (; column <= width - (8 * lanes); column += 8 * lanes)
            SparseBlock8<TSimd, TVector>(product, row, column);
        if (column <= width - (4 * lanes))
        {
            SparseBlock4<TSimd, TVector>(product, row, column);
            column += 4 * lanes;
        }

        if (column <= width - (2 * lanes))
        {
            SparseBlock2<TSimd, TVector>(product, row, column);
            column += 2 * lanes;
        }

        if (column <= width - lanes)
        {
            SparseBlock1<TSimd, TVector>(product, row, column, 0);
            column += lanes;
        }

        // The last columns as a full vector that ends with the row, of which only the new lanes are written.
        if (column < width)
            SparseBlock1<TSimd, TVector>(product, row, width - lanes, lanes - (width - column));
    }

    /// <summary>
    /// Eight vectors of columns. Longer than most functions: an accumulator in a local is one in a register.
    /// </summary>
    private static void SparseBlock8<TSimd, TVector>(in SparseProduct product, int row, int column)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Count;
        int* ids = product.ColumnIds;
        float* values = product.Values;
        float* x = product.X + column;
        long width = product.Width;
        int last = product.NonZeros - 1;
        int end = product.Offsets[row + 1];
        var zero = TSimd.Create(0);
        TVector s0 = zero, s1 = zero, s2 = zero, s3 = zero, s4 = zero, s5 = zero, s6 = zero, s7 = zero;
        for (int k = product.Offsets[row]; k < end; k++)
        {
            Prefetch(x + (ids[Math.Min(k + SparseProduct.Ahead, last)] * width), 8 * lanes);
            float* source = x + (ids[k] * width);
            var weight = TSimd.Create(values[k]);
            s0 = TSimd.MultiplyAdd(weight, TSimd.Load(source), s0);
            s1 = TSimd.MultiplyAdd(weight, TSimd.Load(source + lanes), s1);
            s2 = TSimd.MultiplyAdd(weight, TSimd.Load(source + (2 * lanes)), s2);
            s3 = TSimd.MultiplyAdd(weight, TSimd.Load(source + (3 * lanes)), s3);
            s4 = TSimd.MultiplyAdd(weight, TSimd.Load(source + (4 * lanes)), s4);
            s5 = TSimd.MultiplyAdd(weight, TSimd.Load(source + (5 * lanes)), s5);
            s6 = TSimd.MultiplyAdd(weight, TSimd.Load(source + (6 * lanes)), s6);
            s7 = TSimd.MultiplyAdd(weight, TSimd.Load(source + (7 * lanes)), s7);
        }

        long at = (row * width) + column;
        Finish<TSimd, TVector>(product, s0, at);
        Finish<TSimd, TVector>(product, s1, at + lanes);
        Finish<TSimd, TVector>(product, s2, at + (2 * lanes));
        Finish<TSimd, TVector>(product, s3, at + (3 * lanes));
        Finish<TSimd, TVector>(product, s4, at + (4 * lanes));
        Finish<TSimd, TVector>(product, s5, at + (5 * lanes));
        Finish<TSimd, TVector>(product, s6, at + (6 * lanes));
        Finish<TSimd, TVector>(product, s7, at + (7 * lanes));
    }

    private static void SparseBlock4<TSimd, TVector>(in SparseProduct product, int row, int column)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Count;
        int* ids = product.ColumnIds;
        float* values = product.Values;
        float* x = product.X + column;
        long width = product.Width;
        int last = product.NonZeros - 1;
        int end = product.Offsets[row + 1];
        var zero = TSimd.Create(0);
        TVector s0 = zero, s1 = zero, s2 = zero, s3 = zero;
        for (int k = product.Offsets[row]; k < end; k++)
        {
            Prefetch(x + (ids[Math.Min(k + SparseProduct.Ahead, last)] * width), 4 * lanes);
            float* source = x + (ids[k] * width);
            var weight = TSimd.Create(values[k]);
            s0 = TSimd.MultiplyAdd(weight, TSimd.Load(source), s0);
            s1 = TSimd.MultiplyAdd(weight, TSimd.Load(source + lanes), s1);
            s2 = TSimd.MultiplyAdd(weight, TSimd.Load(source + (2 * lanes)), s2);
            s3 = TSimd.MultiplyAdd(weight, TSimd.Load(source + (3 * lanes)), s3);
        }

        long at = (row * width) + column;
        Finish<TSimd, TVector>(product, s0, at);
        Finish<TSimd, TVector>(product, s1, at + lanes);
        Finish<TSimd, TVector>(product, s2, at + (2 * lanes));
        Finish<TSimd, TVector>(product, s3, at + (3 * lanes));
    }

    private static void SparseBlock2<TSimd, TVector>(in SparseProduct product, int row, int column)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Count;
        int* ids = product.ColumnIds;
        float* values = product.Values;
        float* x = product.X + column;
        long width = product.Width;
        int last = product.NonZeros - 1;
        int end = product.Offsets[row + 1];
        TVector s0 = TSimd.Create(0), s1 = s0;
        for (int k = product.Offsets[row]; k < end; k++)
        {
            Prefetch(x + (ids[Math.Min(k + SparseProduct.Ahead, last)] * width), 2 * lanes);
            float* source = x + (ids[k] * width);
            var weight = TSimd.Create(values[k]);
            s0 = TSimd.MultiplyAdd(weight, TSimd.Load(source), s0);
            s1 = TSimd.MultiplyAdd(weight, TSimd.Load(source + lanes), s1);
        }

        long at = (row * width) + column;
        Finish<TSimd, TVector>(product, s0, at);
        Finish<TSimd, TVector>(product, s1, at + lanes);
    }

    /// <summary>One vector of columns, of which the first <paramref name="skip"/> lanes are not written.</summary>
    private static void SparseBlock1<TSimd, TVector>(in SparseProduct product, int row, int column, int skip)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        int* ids = product.ColumnIds;
        float* values = product.Values;
        float* x = product.X + column;
        long width = product.Width;
        int last = product.NonZeros - 1;
        int end = product.Offsets[row + 1];
        var sum = TSimd.Create(0);
        for (int k = product.Offsets[row]; k < end; k++)
        {
            Prefetch(x + (ids[Math.Min(k + SparseProduct.Ahead, last)] * width), TSimd.Count);
            sum = TSimd.MultiplyAdd(TSimd.Create(values[k]), TSimd.Load(x + (ids[k] * width)), sum);
        }

        long at = (row * width) + column;
        if (skip == 0)
        {
            Finish<TSimd, TVector>(product, sum, at);
            return;
        }

        float* sums = stackalloc float[TSimd.Count];
        TSimd.Store(sum, sums);
        for (int lane = skip; lane < TSimd.Count; lane++)
            Finish<SimdScalar, float>(product, sums[lane], at + lane);
    }

    /// <summary>Y = alpha sum + beta Z for one vector at the given offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TSimd, TVector>(in SparseProduct product, TVector sum, long at)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var result = TSimd.Multiply(TSimd.Create(product.Alpha), sum);
        if (product.Beta != 0)
            result = TSimd.MultiplyAdd(TSimd.Create(product.Beta), TSimd.Load(product.Z + at), result);
        TSimd.Store(result, product.Y + at);
    }

    /// <summary>Brings the cache lines of up to 128 values nearer, where there is an instruction for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* source, int count)
    {
        if (!Sse.IsSupported)
            return;

        // Written out, since count is a constant where this is inlined: no loop is left.
        Sse.Prefetch0(source);
        if (count > 16)
            Sse.Prefetch0(source + 16);
        if (count > 32)
        {
            Sse.Prefetch0(source + 32);
            Sse.Prefetch0(source + 48);
        }

        if (count > 64)
        {
            Sse.Prefetch0(source + 64);
            Sse.Prefetch0(source + 80);
            Sse.Prefetch0(source + 96);
            Sse.Prefetch0(source + 112);
        }
    }

    /// <summary>The operands of one product as the kernels see them.</summary>
    private readonly struct SparseProduct(float alpha, CsrMatrix a, Tensor x, float beta, Tensor z, Tensor y)
    {
        /// <summary>How many non-zeros ahead the rows of X are asked for, across the borders of rows.</summary>
        public const int Ahead = 12;

        public readonly float Alpha = alpha;
        public readonly float Beta = beta;
        public readonly int* Offsets = a.RowOffsets.Pointer;
        public readonly int* ColumnIds = a.ColumnIds.Pointer;
        public readonly float* Values = a.Values.Pointer;
        public readonly int NonZeros = a.NonZeros;
        public readonly int Width = x.Columns;
        public readonly float* X = x.Pointer;
        public readonly float* Z = z.Pointer;
        public readonly float* Y = y.Pointer;
    }
}
