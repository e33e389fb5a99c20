using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
    /// Adds the non-zeros start .. end to so many vectors of sums. Written out, since an accumulator in a local is one in
    /// a register; the count is a constant for the compiler, which leaves out what is beyond it.
    /// </summary>
    private static void Accumulate<TSimd, TVector, TSource, TVectors>(
        in SparseProduct product, int start, int end, int column, float* sums)
        where TSimd : ISimd<TVector>
        where TVector : struct
        where TSource : ISource
        where TVectors : IVectors
    {
        int lanes = TSimd.Count;
        int* ids = product.ColumnIds;
        float* values = product.Values;
        byte* x = product.X + (column * TSource.Bytes);
        long stride = (long)product.Width * TSource.Bytes;
        int step = lanes * TSource.Bytes;
        int last = product.NonZeros - 1;
        TVector s0 = TSimd.Load(sums), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        if (TVectors.Count > 1)
            s1 = TSimd.Load(sums + lanes);
        if (TVectors.Count > 2)
            s2 = TSimd.Load(sums + (2 * lanes));
        if (TVectors.Count > 3)
            s3 = TSimd.Load(sums + (3 * lanes));
        if (TVectors.Count > 4)
            s4 = TSimd.Load(sums + (4 * lanes));
        if (TVectors.Count > 5)
            s5 = TSimd.Load(sums + (5 * lanes));
        if (TVectors.Count > 6)
            s6 = TSimd.Load(sums + (6 * lanes));
        if (TVectors.Count > 7)
            s7 = TSimd.Load(sums + (7 * lanes));
        for (int k = start; k < end; k++)
        {
            Prefetch(x + (ids[Math.Min(k + SparseProduct.Ahead, last)] * stride), TVectors.Count * step);
            byte* source = x + (ids[k] * stride);
            var weight = TSimd.Create(values[k]);
            s0 = TSimd.MultiplyAdd(weight, TSource.Load<TSimd, TVector>(source), s0);
            if (TVectors.Count > 1)
                s1 = TSimd.MultiplyAdd(weight, TSource.Load<TSimd, TVector>(source + step), s1);
            if (TVectors.Count > 2)
                s2 = TSimd.MultiplyAdd(weight, TSource.Load<TSimd, TVector>(source + (2 * step)), s2);
            if (TVectors.Count > 3)
                s3 = TSimd.MultiplyAdd(weight, TSource.Load<TSimd, TVector>(source + (3 * step)), s3);
            if (TVectors.Count > 4)
                s4 = TSimd.MultiplyAdd(weight, TSource.Load<TSimd, TVector>(source + (4 * step)), s4);
            if (TVectors.Count > 5)
                s5 = TSimd.MultiplyAdd(weight, TSource.Load<TSimd, TVector>(source + (5 * step)), s5);
            if (TVectors.Count > 6)
                s6 = TSimd.MultiplyAdd(weight, TSource.Load<TSimd, TVector>(source + (6 * step)), s6);
            if (TVectors.Count > 7)
                s7 = TSimd.MultiplyAdd(weight, TSource.Load<TSimd, TVector>(source + (7 * step)), s7);
        }

        TSimd.Store(s0, sums);
        if (TVectors.Count > 1)
            TSimd.Store(s1, sums + lanes);
        if (TVectors.Count > 2)
            TSimd.Store(s2, sums + (2 * lanes));
        if (TVectors.Count > 3)
            TSimd.Store(s3, sums + (3 * lanes));
        if (TVectors.Count > 4)
            TSimd.Store(s4, sums + (4 * lanes));
        if (TVectors.Count > 5)
            TSimd.Store(s5, sums + (5 * lanes));
        if (TVectors.Count > 6)
            TSimd.Store(s6, sums + (6 * lanes));
        if (TVectors.Count > 7)
            TSimd.Store(s7, sums + (7 * lanes));
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

    /// <summary>Brings the cache lines of up to 512 bytes nearer, where there is an instruction for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* source, int bytes)
    {
        if (!Sse.IsSupported)
            return;

        // Written out, since the length is a constant where this is inlined: no loop is left.
        Sse.Prefetch0(source);
        if (bytes > 64)
            Sse.Prefetch0(source + 64);
        if (bytes > 128)
            Sse.Prefetch0(source + 128);
        if (bytes > 192)
            Sse.Prefetch0(source + 192);
        if (bytes > 256)
            Sse.Prefetch0(source + 256);
        if (bytes > 320)
            Sse.Prefetch0(source + 320);
        if (bytes > 384)
            Sse.Prefetch0(source + 384);
        if (bytes > 448)
            Sse.Prefetch0(source + 448);
    }

    /// <summary>How the rows of X lie that are gathered.</summary>
    private interface ISource
    {
        static abstract int Bytes { get; }

        static abstract TVector Load<TSimd, TVector>(byte* source)
            where TSimd : ISimd<TVector>
            where TVector : struct;
    }

    private readonly struct Float32Source : ISource
    {
        public static int Bytes => sizeof(float);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Load<TSimd, TVector>(byte* source)
            where TSimd : ISimd<TVector>
            where TVector : struct => TSimd.Load((float*)source);
    }

    private readonly struct BFloat16Source : ISource
    {
        public static int Bytes => sizeof(ushort);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Load<TSimd, TVector>(byte* source)
            where TSimd : ISimd<TVector>
            where TVector : struct => TSimd.LoadBFloat16((ushort*)source);
    }

    /// <summary>A number of vectors known to the compiler.</summary>
    private interface IVectors
    {
        static abstract int Count { get; }
    }

    private readonly struct One : IVectors
    {
        public static int Count => 1;
    }

    private readonly struct Two : IVectors
    {
        public static int Count => 2;
    }

    private readonly struct Three : IVectors
    {
        public static int Count => 3;
    }

    private readonly struct Four : IVectors
    {
        public static int Count => 4;
    }

    private readonly struct Five : IVectors
    {
        public static int Count => 5;
    }

    private readonly struct Six : IVectors
    {
        public static int Count => 6;
    }

    private readonly struct Seven : IVectors
    {
        public static int Count => 7;
    }

    private readonly struct Eight : IVectors
    {
        public static int Count => 8;
    }

    /// <summary>The operands of one product as the kernels see them.</summary>
    private readonly struct SparseProduct(
        float alpha, CsrMatrix a, StoredRows x, float beta, Tensor z, StoredRows y, Ids? sourceSizes, Ids? resultSizes)
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
        public readonly byte* X = (byte*)x.Address;
        public readonly float* Z = z.Pointer;
        public readonly void* Y = y.Address;
        public readonly bool RoundsY = y.Rounded;
        public readonly int* ResultSizes = resultSizes is null ? null : resultSizes.Pointer;
        private readonly int* sourceSizes = sourceSizes is null ? null : sourceSizes.Pointer;
        private readonly int sourceRows = x.Rows;

        /// <summary>The first of the non-zeros start .. end, whose ids rise, with an id at or above the limit.</summary>
        public int FirstAtOrAbove(int limit, int start, int end)
        {
            if (limit >= sourceRows)
                return end;
            while (start < end && ColumnIds[start] < limit)
                start++;
            return start;
        }

        /// <summary>How many rows of X, the first ones, have values at the column or beyond it.</summary>
        public int SourceRowsBeyond(int column)
        {
            if (sourceSizes is null)
                return sourceRows;
            int low = 0, high = sourceRows;
            while (low < high)
            {
                int middle = (int)(((uint)low + (uint)high) / 2);
                if (sourceSizes[middle] > column)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low;
        }
    }

    /// <summary>Rows as a sparse product reads or writes them: float32, or bfloat16 in half the bytes.</summary>
    private readonly struct StoredRows(void* address, int rows, int columns, bool rounded)
    {
        public readonly void* Address = address;
        public readonly int Rows = rows;
        public readonly int Columns = columns;
        public readonly bool Rounded = rounded;

        public static StoredRows Of(Tensor tensor) => new(tensor.Pointer, tensor.Rows, tensor.Columns, rounded: false);
    }
}
