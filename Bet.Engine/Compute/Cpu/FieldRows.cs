using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Bet.Engine.Compute.Cpu;

/// <summary>Lookups of rows of many tables at once.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>
    /// Samples whose rows of one source are asked for together, while those of the source before are joined: enough for the
    /// memory to be busy, few enough for the first cache.
    /// </summary>
    private const int SamplesAhead = 32;

    /// <summary>Values of a cache line.</summary>
    private const int LineLength = 16;

    public override void LookUpRows(FieldLookup lookup, Ids categories, Tensor result)
    {
        CheckFields("LookUpRows", lookup, categories, result);
        using var sources = RentSources(lookup);
        ForRows(result.Rows, result.Columns, (lookup, sources, categories, result), static (in work, start, end) =>
        {
            var (lookup, sources, categories, result) = work;
            for (int first = start; first < end; first += SamplesAhead)
            {
                LookUpSamples(
                    (FieldSource*)sources.Address, lookup.Sources.Count, categories.Pointer + ((long)first * lookup.Fields),
                    lookup.Fields, result.Pointer + ((long)first * result.Columns), result.Columns,
                    Math.Min(SamplesAhead, end - first));
            }
        });
        GC.KeepAlive(lookup);
    }

    private static void CheckFields(string operation, FieldLookup lookup, Ids categories, Tensor embeddings)
    {
        Check(
            categories.Count == (long)embeddings.Rows * lookup.Fields && embeddings.Columns == lookup.Columns,
            $"{operation}: {categories.Count} categories in {lookup.Fields} fields, {lookup.Columns} columns do not fit {embeddings}");
        var ids = new ReadOnlySpan<int>(categories.Pointer, categories.Count);
        int smallest = ids.IsEmpty ? 0 : TensorPrimitives.Min(ids);
        Check(smallest >= 0, $"{operation}: a category is {smallest}");
        GC.KeepAlive(categories);
    }

    private ScratchPool.Scratch RentSources(FieldLookup lookup)
    {
        var scratch = scratchPool.Rent((long)lookup.Sources.Count * sizeof(FieldSource));
        for (int i = 0; i < lookup.Sources.Count; i++)
            ((FieldSource*)scratch.Address)[i] = new FieldSource(lookup, i);
        return scratch;
    }

    private static void LookUpSamples(
        FieldSource* sources, int sourceCount, int* categories, int fields, float* result, int columns, int samples)
    {
        int* rows = stackalloc int[2 * SamplesAhead];
        if (sourceCount > 0)
            AskForRows(sources[0], categories, fields, samples, rows);
        for (int source = 0; source < sourceCount; source++)
        {
            int* later = rows + (((source + 1) & 1) * SamplesAhead);
            if (source + 1 < sourceCount)
                AskForRows(sources[source + 1], categories, fields, samples, later);
            JoinRows(sources[source], rows + ((source & 1) * SamplesAhead), samples, result, columns);
        }
    }

    private static void AskForRows(in FieldSource source, int* categories, int fields, int samples, int* rows)
    {
        categories += source.Field;
        for (int i = 0; i < samples; i++)
        {
            rows[i] = source.RowOf(categories[(long)i * fields]);
            if (rows[i] >= 0)
                Prefetch(source.Values + ((long)rows[i] * source.Width), source.Width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* row, int width)
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < width; i += LineLength)
            Sse.Prefetch0(row + i);
    }

    private static void JoinRows(in FieldSource source, int* rows, int samples, float* result, int columns)
    {
        result += source.Column;
        switch (source.Operation)
        {
            case RowOperation.Set:
                JoinRows<SetRow>(source, rows, samples, result, columns);
                break;
            case RowOperation.Add:
                JoinRows<AddRow>(source, rows, samples, result, columns);
                break;
            default:
                JoinRows<MultiplyRow>(source, rows, samples, result, columns);
                break;
        }
    }

    private static void JoinRows<TJoin>(in FieldSource source, int* rows, int samples, float* result, int columns)
        where TJoin : IJoin
    {
        if (source.Precision != Precision.Float32)
        {
            JoinRoundedRows<TJoin>(source, rows, samples, result, columns);
            return;
        }

        int width = source.Width;
        float* values = source.Values;
        for (int i = 0; i < samples; i++)
        {
            if (rows[i] >= 0)
                Join<TJoin>(values + ((long)rows[i] * width), result + ((long)i * columns), width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Join<TJoin>(float* row, float* to, int width)
        where TJoin : IJoin
    {
        int done = 0;
        if (Vector512.IsHardwareAccelerated)
            done = Join<TJoin, Simd512, Vector512<float>>(row, to, done, width);
        if (Vector256.IsHardwareAccelerated)
            done = Join<TJoin, Simd256, Vector256<float>>(row, to, done, width);
        if (Vector128.IsHardwareAccelerated)
            done = Join<TJoin, Simd128, Vector128<float>>(row, to, done, width);
        Join<TJoin, SimdScalar, float>(row, to, done, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Join<TJoin, TSimd, TVector>(float* row, float* to, int start, int width)
        where TJoin : IJoin
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        int i = start;
        for (; i <= width - TSimd.Count; i += TSimd.Count)
            TJoin.Join<TSimd, TVector>(TSimd.Load(row + i), to + i);
        return i;
    }

    /// <summary>A <see cref="RowOperation"/> on a vector of a row.</summary>
    private interface IJoin
    {
        static abstract void Join<TSimd, TVector>(TVector row, float* to)
            where TSimd : ISimd<TVector>
            where TVector : struct;
    }

    private readonly struct SetRow : IJoin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Join<TSimd, TVector>(TVector row, float* to)
            where TSimd : ISimd<TVector>
            where TVector : struct => TSimd.Store(row, to);
    }

    private readonly struct AddRow : IJoin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Join<TSimd, TVector>(TVector row, float* to)
            where TSimd : ISimd<TVector>
            where TVector : struct => TSimd.Store(TSimd.Add(TSimd.Load(to), row), to);
    }

    private readonly struct MultiplyRow : IJoin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Join<TSimd, TVector>(TVector row, float* to)
            where TSimd : ISimd<TVector>
            where TVector : struct => TSimd.Store(TSimd.Multiply(TSimd.Load(to), row), to);
    }
}
