using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// The one inner loop of dense products, as in BLIS (Van Zee and van de Geijn 2015): a tile [Rows, Columns] of
/// scores from a panel of A, [depth, Rows], and a panel of B, [depth, Columns], both packed depth first. The tile
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
    /// tile = A panel transposed times B panel; the tile is row-major with <see cref="Columns"/> columns.
    /// </summary>
    public static void Run(int depth, float* a, float* b, float* tile)
    {
        if (Vector512.IsHardwareAccelerated)
            Run12(depth, a, b, tile);
        else if (Vector256.IsHardwareAccelerated)
            Run6<Simd256, Vector256<float>>(depth, a, b, tile);
        else if (Vector128.IsHardwareAccelerated)
            Run6<Simd128, Vector128<float>>(depth, a, b, tile);
        else
            Run6<SimdScalar, float>(depth, a, b, tile);
    }

    /// <summary>12 x 32. Written out because only a local is kept in a register: row i is (l_i, r_i).</summary>
    private static void Run12(int depth, float* a, float* b, float* tile)
    {
        Vector512<float> l0 = default, l1 = default, l2 = default, l3 = default, l4 = default, l5 = default;
        Vector512<float> l6 = default, l7 = default, l8 = default, l9 = default, l10 = default, l11 = default;
        Vector512<float> r0 = default, r1 = default, r2 = default, r3 = default, r4 = default, r5 = default;
        Vector512<float> r6 = default, r7 = default, r8 = default, r9 = default, r10 = default, r11 = default;
        for (int k = 0; k < depth; k++)
        {
            var left = Vector512.Load(b);
            var right = Vector512.Load(b + 16);
            var a0 = Vector512.Create(a[0]);
            l0 = Vector512.MultiplyAddEstimate(a0, left, l0);
            r0 = Vector512.MultiplyAddEstimate(a0, right, r0);
            var a1 = Vector512.Create(a[1]);
            l1 = Vector512.MultiplyAddEstimate(a1, left, l1);
            r1 = Vector512.MultiplyAddEstimate(a1, right, r1);
            var a2 = Vector512.Create(a[2]);
            l2 = Vector512.MultiplyAddEstimate(a2, left, l2);
            r2 = Vector512.MultiplyAddEstimate(a2, right, r2);
            var a3 = Vector512.Create(a[3]);
            l3 = Vector512.MultiplyAddEstimate(a3, left, l3);
            r3 = Vector512.MultiplyAddEstimate(a3, right, r3);
            var a4 = Vector512.Create(a[4]);
            l4 = Vector512.MultiplyAddEstimate(a4, left, l4);
            r4 = Vector512.MultiplyAddEstimate(a4, right, r4);
            var a5 = Vector512.Create(a[5]);
            l5 = Vector512.MultiplyAddEstimate(a5, left, l5);
            r5 = Vector512.MultiplyAddEstimate(a5, right, r5);
            var a6 = Vector512.Create(a[6]);
            l6 = Vector512.MultiplyAddEstimate(a6, left, l6);
            r6 = Vector512.MultiplyAddEstimate(a6, right, r6);
            var a7 = Vector512.Create(a[7]);
            l7 = Vector512.MultiplyAddEstimate(a7, left, l7);
            r7 = Vector512.MultiplyAddEstimate(a7, right, r7);
            var a8 = Vector512.Create(a[8]);
            l8 = Vector512.MultiplyAddEstimate(a8, left, l8);
            r8 = Vector512.MultiplyAddEstimate(a8, right, r8);
            var a9 = Vector512.Create(a[9]);
            l9 = Vector512.MultiplyAddEstimate(a9, left, l9);
            r9 = Vector512.MultiplyAddEstimate(a9, right, r9);
            var a10 = Vector512.Create(a[10]);
            l10 = Vector512.MultiplyAddEstimate(a10, left, l10);
            r10 = Vector512.MultiplyAddEstimate(a10, right, r10);
            var a11 = Vector512.Create(a[11]);
            l11 = Vector512.MultiplyAddEstimate(a11, left, l11);
            r11 = Vector512.MultiplyAddEstimate(a11, right, r11);
            a += 12;
            b += 32;
        }

        Store<Simd512, Vector512<float>>(l0, r0, tile, 0);
        Store<Simd512, Vector512<float>>(l1, r1, tile, 1);
        Store<Simd512, Vector512<float>>(l2, r2, tile, 2);
        Store<Simd512, Vector512<float>>(l3, r3, tile, 3);
        Store<Simd512, Vector512<float>>(l4, r4, tile, 4);
        Store<Simd512, Vector512<float>>(l5, r5, tile, 5);
        Store<Simd512, Vector512<float>>(l6, r6, tile, 6);
        Store<Simd512, Vector512<float>>(l7, r7, tile, 7);
        Store<Simd512, Vector512<float>>(l8, r8, tile, 8);
        Store<Simd512, Vector512<float>>(l9, r9, tile, 9);
        Store<Simd512, Vector512<float>>(l10, r10, tile, 10);
        Store<Simd512, Vector512<float>>(l11, r11, tile, 11);
    }

    /// <summary>6 x two vectors of any width.</summary>
    private static void Run6<TSimd, TVector>(int depth, float* a, float* b, float* tile)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Count;
        TVector zero = TSimd.Create(0);
        TVector l0 = zero, l1 = zero, l2 = zero, l3 = zero, l4 = zero, l5 = zero;
        TVector r0 = zero, r1 = zero, r2 = zero, r3 = zero, r4 = zero, r5 = zero;
        for (int k = 0; k < depth; k++)
        {
            var left = TSimd.Load(b);
            var right = TSimd.Load(b + lanes);
            var a0 = TSimd.Create(a[0]);
            l0 = TSimd.MultiplyAdd(a0, left, l0);
            r0 = TSimd.MultiplyAdd(a0, right, r0);
            var a1 = TSimd.Create(a[1]);
            l1 = TSimd.MultiplyAdd(a1, left, l1);
            r1 = TSimd.MultiplyAdd(a1, right, r1);
            var a2 = TSimd.Create(a[2]);
            l2 = TSimd.MultiplyAdd(a2, left, l2);
            r2 = TSimd.MultiplyAdd(a2, right, r2);
            var a3 = TSimd.Create(a[3]);
            l3 = TSimd.MultiplyAdd(a3, left, l3);
            r3 = TSimd.MultiplyAdd(a3, right, r3);
            var a4 = TSimd.Create(a[4]);
            l4 = TSimd.MultiplyAdd(a4, left, l4);
            r4 = TSimd.MultiplyAdd(a4, right, r4);
            var a5 = TSimd.Create(a[5]);
            l5 = TSimd.MultiplyAdd(a5, left, l5);
            r5 = TSimd.MultiplyAdd(a5, right, r5);
            a += 6;
            b += 2 * lanes;
        }

        Store<TSimd, TVector>(l0, r0, tile, 0);
        Store<TSimd, TVector>(l1, r1, tile, 1);
        Store<TSimd, TVector>(l2, r2, tile, 2);
        Store<TSimd, TVector>(l3, r3, tile, 3);
        Store<TSimd, TVector>(l4, r4, tile, 4);
        Store<TSimd, TVector>(l5, r5, tile, 5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TSimd, TVector>(TVector left, TVector right, float* tile, int row)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        TSimd.Store(left, tile + (row * 2 * TSimd.Count));
        TSimd.Store(right, tile + (((row * 2) + 1) * TSimd.Count));
    }
}
