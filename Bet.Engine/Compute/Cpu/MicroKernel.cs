using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// The one inner loop of dense products, as in BLIS (Van Zee and van de Geijn 2015): a tile [Rows, Columns] of
/// scores from a panel of A, [depth, Rows], and a panel of B, [depth, Columns], packed depth first or not. The tile
/// stays in registers until the depth is through, so a value is one chain of additions in the order of the depth.
/// </summary>
internal static unsafe class MicroKernel
{
    /// <summary>Rows of a tile: 12 by two vectors fill 24 of 32 registers, 6 by two fill 12 of 16.</summary>
    public static int Rows => Vector512.IsHardwareAccelerated ? 12 : 6;

    /// <summary>Columns of a tile: two vectors.</summary>
    public static int Columns =>
        Vector512.IsHardwareAccelerated ? 2 * Simd512.Count
        : Vector256.IsHardwareAccelerated ? 2 * Simd256.Count
        : Vector128.IsHardwareAccelerated ? 2 * Simd128.Count : 2;

    /// <summary>
    /// tile = A panel transposed times B panel; a row of the tile is <see cref="Columns"/> values, and rows come every
    /// <paramref name="tileStride"/> values: the tile may be a part of the product itself.
    /// </summary>
    public static void Run(int depth, Panel a, Panel b, float* tile, int tileStride) =>
        Run<BothVectors>(depth, a, b, tile, tileStride);

    /// <summary>As above for the left half of the columns: the right one is neither computed nor written.</summary>
    public static void RunLeft(int depth, Panel a, Panel b, float* tile, int tileStride) =>
        Run<LeftVector>(depth, a, b, tile, tileStride);

    private static void Run<TColumns>(int depth, Panel a, Panel b, float* tile, int tileStride)
        where TColumns : ITileColumns
    {
        if (Vector512.IsHardwareAccelerated)
            Run12<TColumns>(depth, a, b, tile, tileStride);
        else if (Vector256.IsHardwareAccelerated)
            Run6<Simd256, Vector256<float>, TColumns>(depth, a, b, tile, tileStride);
        else if (Vector128.IsHardwareAccelerated)
            Run6<Simd128, Vector128<float>, TColumns>(depth, a, b, tile, tileStride);
        else
            Run6<SimdScalar, float, TColumns>(depth, a, b, tile, tileStride);
    }

    /// <summary>12 x 32. Written out because only a local is kept in a register: row i is (l_i, r_i).</summary>
    private static void Run12<TColumns>(int depth, Panel a, Panel b, float* tile, int tileStride)
        where TColumns : ITileColumns
    {
        Vector512<float> l0 = default, l1 = default, l2 = default, l3 = default, l4 = default, l5 = default;
        Vector512<float> l6 = default, l7 = default, l8 = default, l9 = default, l10 = default, l11 = default;
        Vector512<float> r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default;
        Vector512<float> r6 = default, r7 = default, r8 = default, r9 = default, r10 = default, r11 = default;
        float* first = a.Values;
        float* columns = b.Values;
        for (int k = 0; k < depth; k++)
        {
            var left = Vector512.Load(columns);
            var right = TColumns.Both ? Vector512.Load(columns + 16) : default;
            float* row = first;
            var a0 = Vector512.Create(*row);
            l0 = Vector512.MultiplyAddEstimate(a0, left, l0);
            if (TColumns.Both)
                r0 = Vector512.MultiplyAddEstimate(a0, right, r0);
            row += a.LaneStride;
            var a1 = Vector512.Create(*row);
            l1 = Vector512.MultiplyAddEstimate(a1, left, l1);
            if (TColumns.Both)
                r1 = Vector512.MultiplyAddEstimate(a1, right, r1);
            row += a.LaneStride;
            var a2 = Vector512.Create(*row);
            l2 = Vector512.MultiplyAddEstimate(a2, left, l2);
            if (TColumns.Both)
                r2 = Vector512.MultiplyAddEstimate(a2, right, r2);
            row += a.LaneStride;
            var a3 = Vector512.Create(*row);
            l3 = Vector512.MultiplyAddEstimate(a3, left, l3);
            if (TColumns.Both)
                r3 = Vector512.MultiplyAddEstimate(a3, right, r3);
            row += a.LaneStride;
            var a4 = Vector512.Create(*row);
            l4 = Vector512.MultiplyAddEstimate(a4, left, l4);
            if (TColumns.Both)
                r4 = Vector512.MultiplyAddEstimate(a4, right, r4);
            row += a.LaneStride;
            var a5 = Vector512.Create(*row);
            l5 = Vector512.MultiplyAddEstimate(a5, left, l5);
            if (TColumns.Both)
                r5 = Vector512.MultiplyAddEstimate(a5, right, r5);
            row += a.LaneStride;
            var a6 = Vector512.Create(*row);
            l6 = Vector512.MultiplyAddEstimate(a6, left, l6);
            if (TColumns.Both)
                r6 = Vector512.MultiplyAddEstimate(a6, right, r6);
            row += a.LaneStride;
            var a7 = Vector512.Create(*row);
            l7 = Vector512.MultiplyAddEstimate(a7, left, l7);
            if (TColumns.Both)
                r7 = Vector512.MultiplyAddEstimate(a7, right, r7);
            row += a.LaneStride;
            var a8 = Vector512.Create(*row);
            l8 = Vector512.MultiplyAddEstimate(a8, left, l8);
            if (TColumns.Both)
                r8 = Vector512.MultiplyAddEstimate(a8, right, r8);
            row += a.LaneStride;
            var a9 = Vector512.Create(*row);
            l9 = Vector512.MultiplyAddEstimate(a9, left, l9);
            if (TColumns.Both)
                r9 = Vector512.MultiplyAddEstimate(a9, right, r9);
            row += a.LaneStride;
            var a10 = Vector512.Create(*row);
            l10 = Vector512.MultiplyAddEstimate(a10, left, l10);
            if (TColumns.Both)
                r10 = Vector512.MultiplyAddEstimate(a10, right, r10);
            row += a.LaneStride;
            var a11 = Vector512.Create(*row);
            l11 = Vector512.MultiplyAddEstimate(a11, left, l11);
            if (TColumns.Both)
                r11 = Vector512.MultiplyAddEstimate(a11, right, r11);
            first += a.DepthStride;
            columns += b.DepthStride;
        }

        Store<Simd512, Vector512<float>, TColumns>(l0, r0, tile);
        Store<Simd512, Vector512<float>, TColumns>(l1, r1, tile + tileStride);
        Store<Simd512, Vector512<float>, TColumns>(l2, r2, tile + (2 * (long)tileStride));
        Store<Simd512, Vector512<float>, TColumns>(l3, r3, tile + (3 * (long)tileStride));
        Store<Simd512, Vector512<float>, TColumns>(l4, r4, tile + (4 * (long)tileStride));
        Store<Simd512, Vector512<float>, TColumns>(l5, r5, tile + (5 * (long)tileStride));
        Store<Simd512, Vector512<float>, TColumns>(l6, r6, tile + (6 * (long)tileStride));
        Store<Simd512, Vector512<float>, TColumns>(l7, r7, tile + (7 * (long)tileStride));
        Store<Simd512, Vector512<float>, TColumns>(l8, r8, tile + (8 * (long)tileStride));
        Store<Simd512, Vector512<float>, TColumns>(l9, r9, tile + (9 * (long)tileStride));
        Store<Simd512, Vector512<float>, TColumns>(l10, r10, tile + (10 * (long)tileStride));
        Store<Simd512, Vector512<float>, TColumns>(l11, r11, tile + (11 * (long)tileStride));
    }

    /// <summary>6 x two vectors of any width.</summary>
    private static void Run6<TSimd, TVector, TColumns>(int depth, Panel a, Panel b, float* tile, int tileStride)
        where TSimd : ISimd<TVector>
        where TVector : struct
        where TColumns : ITileColumns
    {
        TVector zero = TSimd.Create(0);
        TVector l0 = zero, l1 = zero, l2 = zero, l3 = zero, l4 = zero, l5 = zero;
        TVector r0 = zero, r1 = zero, r2 = zero, r3 = zero, r4 = zero, r5 = zero;
        float* first = a.Values;
        float* columns = b.Values;
        for (int k = 0; k < depth; k++)
        {
            var left = TSimd.Load(columns);
            var right = TColumns.Both ? TSimd.Load(columns + TSimd.Count) : zero;
            float* row = first;
            var a0 = TSimd.Create(*row);
            l0 = TSimd.MultiplyAdd(a0, left, l0);
            if (TColumns.Both)
                r0 = TSimd.MultiplyAdd(a0, right, r0);
            row += a.LaneStride;
            var a1 = TSimd.Create(*row);
            l1 = TSimd.MultiplyAdd(a1, left, l1);
            if (TColumns.Both)
                r1 = TSimd.MultiplyAdd(a1, right, r1);
            row += a.LaneStride;
            var a2 = TSimd.Create(*row);
            l2 = TSimd.MultiplyAdd(a2, left, l2);
            if (TColumns.Both)
                r2 = TSimd.MultiplyAdd(a2, right, r2);
            row += a.LaneStride;
            var a3 = TSimd.Create(*row);
            l3 = TSimd.MultiplyAdd(a3, left, l3);
            if (TColumns.Both)
                r3 = TSimd.MultiplyAdd(a3, right, r3);
            row += a.LaneStride;
            var a4 = TSimd.Create(*row);
            l4 = TSimd.MultiplyAdd(a4, left, l4);
            if (TColumns.Both)
                r4 = TSimd.MultiplyAdd(a4, right, r4);
            row += a.LaneStride;
            var a5 = TSimd.Create(*row);
            l5 = TSimd.MultiplyAdd(a5, left, l5);
            if (TColumns.Both)
                r5 = TSimd.MultiplyAdd(a5, right, r5);
            first += a.DepthStride;
            columns += b.DepthStride;
        }

        Store<TSimd, TVector, TColumns>(l0, r0, tile);
        Store<TSimd, TVector, TColumns>(l1, r1, tile + tileStride);
        Store<TSimd, TVector, TColumns>(l2, r2, tile + (2 * (long)tileStride));
        Store<TSimd, TVector, TColumns>(l3, r3, tile + (3 * (long)tileStride));
        Store<TSimd, TVector, TColumns>(l4, r4, tile + (4 * (long)tileStride));
        Store<TSimd, TVector, TColumns>(l5, r5, tile + (5 * (long)tileStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TSimd, TVector, TColumns>(TVector left, TVector right, float* tile)
        where TSimd : ISimd<TVector>
        where TVector : struct
        where TColumns : ITileColumns
    {
        TSimd.Store(left, tile);
        if (TColumns.Both)
            TSimd.Store(right, tile + TSimd.Count);
    }

    /// <summary>Which of a tile's two vectors of columns are in use, known to the compiler.</summary>
    private interface ITileColumns
    {
        static abstract bool Both { get; }
    }

    private readonly struct BothVectors : ITileColumns
    {
        public static bool Both => true;
    }

    private readonly struct LeftVector : ITileColumns
    {
        public static bool Both => false;
    }
}

/// <summary>
/// Some lanes (rows of A, columns of B) as the microkernel walks over them: packed, or in the matrix itself. Columns of
/// B are read as vectors: their stride is 1.
/// </summary>
internal readonly unsafe struct Panel(float* values, long laneStride, long depthStride)
{
    public readonly float* Values = values;
    public readonly long LaneStride = laneStride;
    public readonly long DepthStride = depthStride;

    /// <summary>Packed depth first: [depth, lanes].</summary>
    public static Panel Packed(float* values, int lanes) => new(values, 1, lanes);
}
