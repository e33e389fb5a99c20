using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// Updates of the rows that a batch looked up, in passes that are each parallel: the samples of every source are grouped by
/// row; where columns are products, their rows are rounded where the lookup rounds them, and the slopes of the rows are found
/// while none has changed; the rows step, each by the sum over its group in the order of the samples.
/// </summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Samples, or groups, of one source in a chunk.</summary>
    private const int UpdatesPerChunk = 256;

    /// <summary>How many rows before it is needed a row is asked for.</summary>
    private const int RowsAhead = 16;

    public override void UpdateRows(OptimiserStep step, FieldLookup lookup, Ids categories, Tensor gradient)
    {
        CheckFields("UpdateRows", lookup, categories, gradient);
        CheckStep(step, lookup);
        int samples = gradient.Rows, count = lookup.Sources.Count;
        using var sources = RentSources(lookup);
        using var groups = scratchPool.Rent(count * RowGroups.Length(samples) * sizeof(int));
        using var slopes = scratchPool.Rent(ProductColumns(lookup) * samples * sizeof(float));
        var update = new FieldUpdate(step, lookup, categories, gradient, (FieldSource*)sources.Address, (int*)groups.Address);
        var (products, rounded) = PlaceSlopes(update, slopes.Floats);
        int chunks = count * update.ChunksPerSource;
        GroupRows(update, count);
        if (rounded)
            workers.For(chunks, update, static (in update, chunk) => RoundFactors(update, chunk));
        if (products)
            workers.For(chunks, update, static (in update, chunk) => FindSlopes(update, chunk));
        switch (step.Kind)
        {
            case Optimiser.Sgd:
                workers.For(chunks, update, static (in update, chunk) => StepRows<SgdStep>(update, chunk));
                break;
            case Optimiser.Adagrad:
                workers.For(chunks, update, static (in update, chunk) => StepRows<AdagradStep>(update, chunk));
                break;
            case Optimiser.Adam:
                workers.For(chunks, update, static (in update, chunk) => StepRows<AdamStep>(update, chunk));
                break;
            default:
                workers.For(chunks, update, static (in update, chunk) => StepRows<AmsGradStep>(update, chunk));
                break;
        }

        GC.KeepAlive(lookup);
        GC.KeepAlive(categories);
        GC.KeepAlive(gradient);
    }

    private static void CheckStep(OptimiserStep step, FieldLookup lookup)
    {
        CheckCount("UpdateRows", step);
        for (int i = 0; i < lookup.Sources.Count; i++)
        {
            var table = lookup.Sources[i].Table;
            Check(
                table.States.Count == step.Kind.StateCount(),
                $"UpdateRows: {table.Name} keeps {table.States.Count} states, {step.Kind} needs {step.Kind.StateCount()}");
        }
    }

    /// <summary>Values of a sample that <see cref="PlaceSlopes"/> needs memory for.</summary>
    private static long ProductColumns(FieldLookup lookup)
    {
        long columns = 0;
        for (int i = 0; i < lookup.Sources.Count; i++)
        {
            int kept = (lookup.IsProduct(i) ? 1 : 0) + (lookup.IsRoundedFactor(i) ? 1 : 0);
            columns += (long)kept * lookup.Sources[i].Table.Value.Columns;
        }

        return columns;
    }

    /// <summary>
    /// A row's slopes are the gradient's own columns, but where these are products: there they are in the given memory, [b, w]
    /// for every source, and so are the rounded rows after them. Whether there are any products, and rounded ones.
    /// </summary>
    private static (bool Products, bool Rounded) PlaceSlopes(in FieldUpdate update, float* memory)
    {
        float* free = memory;
        bool rounded = false;
        for (int i = 0; i < update.Lookup.Sources.Count; i++)
        {
            ref var source = ref update.Sources[i];
            source.RowOfSample = update.GroupsOf(i).RowOfSample;
            bool product = update.Lookup.IsProduct(i);
            source.Slopes = product ? free : update.Gradient + source.Column;
            source.SlopeStride = product ? source.Width : update.Columns;
            free += product ? (long)update.Samples * source.Width : 0;
            if (!update.Lookup.IsRoundedFactor(i))
                continue;
            rounded = true;
            source.Rounded = free;
            free += (long)update.Samples * source.Width;
        }

        return (free != memory, rounded);
    }

    private void GroupRows(in FieldUpdate update, int sources)
    {
        long bytes = RowGroups.WorkLength(update.Samples) * sizeof(int);
        scratchPool.Ready(workers.Count, bytes);
        workers.For(update.Samples == 0 ? 0 : sources, (update, scratchPool, bytes), static (in work, source) =>
        {
            var update = work.update;
            using var scratch = work.scratchPool.Rent(work.bytes);
            update.GroupsOf(source).Fill(update.Sources[source], update.Categories, update.Fields, (int*)scratch.Address);
        });
    }

    private static void StepRows<TStep>(in FieldUpdate update, int chunk)
        where TStep : IRowStep
    {
        int place = chunk / update.ChunksPerSource, start = chunk % update.ChunksPerSource * UpdatesPerChunk;
        var source = update.Sources[place];
        var groups = update.GroupsOf(place);
        int end = Math.Min(groups.Count, start + UpdatesPerChunk);
        for (int group = start; group < Math.Min(end, start + RowsAhead); group++)
            AskForGroup(source, groups, group);
        for (int group = start; group < end; group++)
        {
            if (group + RowsAhead < end)
                AskForGroup(source, groups, group + RowsAhead);
            int done = 0;
            if (Vector512.IsHardwareAccelerated)
                done = StepRow<TStep, Simd512, Vector512<float>>(update.Factors, source, groups, group, done);
            if (Vector256.IsHardwareAccelerated)
                done = StepRow<TStep, Simd256, Vector256<float>>(update.Factors, source, groups, group, done);
            if (Vector128.IsHardwareAccelerated)
                done = StepRow<TStep, Simd128, Vector128<float>>(update.Factors, source, groups, group, done);
            StepRow<TStep, SimdScalar, float>(update.Factors, source, groups, group, done);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AskForGroup(in FieldSource source, in RowGroups groups, int group)
    {
        long row = (long)groups.Row[group] * source.Width;
        Prefetch(source.Values + row, source.Width);
        Prefetch(source.Slopes + (groups.FirstSample[group] * source.SlopeStride), source.Width);
        if (source.FirstState is not null)
            Prefetch(source.FirstState + row, source.Width);
        if (source.SecondState is not null)
            Prefetch(source.SecondState + row, source.Width);
        if (source.ThirdState is not null)
            Prefetch(source.ThirdState + row, source.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int StepRow<TStep, TSimd, TVector>(
        in RowFactors factors, in FieldSource source, in RowGroups groups, int group, int start)
        where TStep : IRowStep
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        long row = (long)groups.Row[group] * source.Width;
        int i = start;
        for (; i <= source.Width - TSimd.Count; i += TSimd.Count)
        {
            int sample = groups.FirstSample[group];
            var sum = TSimd.Load(source.Slopes + (sample * source.SlopeStride) + i);
            while ((sample = groups.NextSample[sample]) >= 0)
                sum = TSimd.Add(sum, TSimd.Load(source.Slopes + (sample * source.SlopeStride) + i));
            TStep.Step<TSimd, TVector>(factors, sum, new RowVector(source, row + i));
        }

        return i;
    }

    /// <summary>What the passes share.</summary>
    private readonly struct FieldUpdate(
        OptimiserStep step, FieldLookup lookup, Ids categories, Tensor gradient, FieldSource* sources, int* groups)
    {
        public readonly FieldLookup Lookup = lookup;
        public readonly FieldSource* Sources = sources;
        public readonly int* Categories = categories.Pointer;
        public readonly int Fields = lookup.Fields;
        public readonly int Samples = gradient.Rows;
        public readonly float* Gradient = gradient.Pointer;
        public readonly int Columns = gradient.Columns;
        public readonly int ChunksPerSource = ChunksOf(gradient.Rows, UpdatesPerChunk);
        public readonly RowFactors Factors = new(step);

        public RowGroups GroupsOf(int source) => new(groups + (source * RowGroups.Length(Samples)), Samples);
    }
}
