using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>The chain rule where columns of a lookup are products of rows, each as the lookup read it.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>The slopes of one source's rows, for a chunk of the samples.</summary>
    private static void FindSlopes(in FieldUpdate update, int chunk)
    {
        int place = chunk / update.ChunksPerSource, start = chunk % update.ChunksPerSource * UpdatesPerChunk;
        if (!update.Lookup.IsProduct(place))
            return;
        ref readonly var source = ref update.Sources[place];
        int end = Math.Min(update.Samples, start + UpdatesPerChunk);
        for (int sample = start; sample < end; sample++)
        {
            if (sample + RowsAhead < end)
                AskForOthers(update.Sources, place, sample + RowsAhead);
            if (source.RowOfSample[sample] < 0)
                continue;
            float* gradient = update.Gradient + ((long)sample * update.Columns) + source.Column;
            float* slopes = source.Slopes + (sample * source.SlopeStride);
            int done = 0;
            if (Vector512.IsHardwareAccelerated)
                done = FindSlopes<Simd512, Vector512<float>>(update.Sources, place, sample, gradient, slopes, done);
            if (Vector256.IsHardwareAccelerated)
                done = FindSlopes<Simd256, Vector256<float>>(update.Sources, place, sample, gradient, slopes, done);
            if (Vector128.IsHardwareAccelerated)
                done = FindSlopes<Simd128, Vector128<float>>(update.Sources, place, sample, gradient, slopes, done);
            FindSlopes<SimdScalar, float>(update.Sources, place, sample, gradient, slopes, done);
        }
    }

    private static void AskForOthers(FieldSource* sources, int place, int sample)
    {
        for (int at = sources[place].Set; at >= 0; at = sources[at].Next)
        {
            if (at != place && sources[at].RowOfSample[sample] >= 0)
                Prefetch(RowOf(sources[at], sample), sources[at].Width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FindSlopes<TSimd, TVector>(
        FieldSource* sources, int place, int sample, float* gradient, float* slopes, int start)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        int i = start;
        for (; i <= sources[place].Width - TSimd.Count; i += TSimd.Count)
            TSimd.Store(TSimd.Multiply(TSimd.Load(gradient + i), Derivative<TSimd, TVector>(sources, place, sample, i)), slopes + i);
        return i;
    }

    /// <summary>
    /// The derivative of a sample's columns by the row of one source: the later factors, times what the columns hold before
    /// it where it is a factor itself.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Derivative<TSimd, TVector>(FieldSource* sources, int place, int sample, int i)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var derivative = TSimd.Create(1);
        if (sources[place].Operation == RowOperation.Multiply)
        {
            for (int at = sources[place].Set; at != place; at = sources[at].Next)
            {
                // Sources of the same columns have the same head: where this one reads a row, so do all.
                var value = TSimd.Load(RowOf(sources[at], sample) + i);
                derivative = sources[at].Operation switch
                {
                    RowOperation.Set => value,
                    RowOperation.Add => TSimd.Add(derivative, value),
                    _ => TSimd.Multiply(derivative, value),
                };
            }
        }

        for (int at = sources[place].Next; at >= 0; at = sources[at].Next)
        {
            if (sources[at].Operation == RowOperation.Multiply && sources[at].RowOfSample[sample] >= 0)
                derivative = TSimd.Multiply(derivative, TSimd.Load(RowOf(sources[at], sample) + i));
        }

        return derivative;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* RowOf(in FieldSource source, int sample) => source.Rounded is null
        ? source.Values + ((long)source.RowOfSample[sample] * source.Width)
        : source.Rounded + ((long)sample * source.Width);
}
