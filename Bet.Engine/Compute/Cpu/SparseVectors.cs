using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// The inner loop of a sparse product: up to eight vectors of a row of Y += sum over k of values[k] X[ids[k]], the vectors
/// held in registers, the rows of X asked for some non-zeros ahead.
/// </summary>
public sealed unsafe partial class CpuBackend
{
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
}
