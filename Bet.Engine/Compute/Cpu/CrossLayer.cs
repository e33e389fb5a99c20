using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>The cross layer of Deep &amp; Cross, and the gradient through it: a row at a time, which the first cache holds.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Columns whose partial sums are added up together.</summary>
    private const int PartialColumns = 64;

    public override void CrossLayer(Tensor first, Tensor x, Tensor w, Tensor bias, Tensor dots, Tensor y)
    {
        Check(
            SameShape(first, x) && SameShape(x, y) && IsCrossWeight(w, x) && IsRowOf(bias, x) && IsColumnOf(dots, x),
            $"CrossLayer: first {first}, x {x}, w {w}, bias {bias}, dots {dots}, y {y}");
        ForRows(x.Rows, x.Columns, (first, x, w, bias, dots, y), static (in work, start, end) =>
        {
            var (first, x, w, bias, dots, y) = work;
            for (int row = start; row < end; row++)
            {
                float dot = TensorPrimitives.Dot<float>(Row(x, row), Weights(w));
                dots.Pointer[row] = dot;
                TensorPrimitives.MultiplyAddEstimate(Row(first, row), dot, Row(bias, 0), Row(y, row));
                TensorPrimitives.Add(Row(y, row), Row(x, row), Row(y, row));
            }
        });
    }

    /// <summary>The sums over the rows: those of a chunk's rows in float32, those of the chunks in float64, both in order.</summary>
    public override void CrossLayerGradient(
        Tensor first, Tensor x, Tensor w, Tensor dots, Tensor dy, (Tensor Gradient, float Beta) dfirst,
        (Tensor Gradient, float Beta) dx, (Tensor Gradient, float Beta) dw, (Tensor Gradient, float Beta) dbias)
    {
        Check(
            SameShape(first, x) && IsCrossWeight(w, x) && IsColumnOf(dots, x) && SameShape(x, dy) &&
            SameShape(x, dfirst.Gradient) && SameShape(x, dx.Gradient) && SameShape(w, dw.Gradient) && IsRowOf(dbias.Gradient, x),
            $"CrossLayerGradient: first {first}, x {x}, w {w}, dots {dots}, dy {dy}, dfirst {dfirst.Gradient}, " +
            $"dx {dx.Gradient}, dw {dw.Gradient}, dbias {dbias.Gradient}");
        int chunks = ChunksOf(x.Rows, RowsPerChunk(x.Columns));
        int stride = PartialStride(x.Columns);
        using var partials = scratchPool.Rent(2L * chunks * stride * sizeof(float));
        var rows = new CrossRows(first, x, w, dots, dy, dfirst, dx);
        workers.For(chunks, (rows, partials, stride), static (in work, chunk) =>
            work.rows.Run(chunk, work.partials.Floats + (2L * chunk * work.stride)));
        AddPartials(partials.Floats, chunks, 2 * stride, dw);
        AddPartials(partials.Floats + stride, chunks, 2 * stride, dbias);
    }

    private static bool IsCrossWeight(Tensor w, Tensor x) => w.Rows == x.Columns && w.Columns == 1;

    private static bool IsRowOf(Tensor row, Tensor x) => row.Rows == 1 && row.Columns == x.Columns;

    private static bool IsColumnOf(Tensor column, Tensor x) => column.Rows == x.Rows && column.Columns == 1;

    /// <summary>So that sums begin with a cache line: they are loaded and stored for every row.</summary>
    private static int PartialStride(int columns) => (columns + 15) / 16 * 16;

    /// <summary>A weight [m, 1] as a row.</summary>
    private static ReadOnlySpan<float> Weights(Tensor w) => new(w.Pointer, w.Rows);

    /// <summary>y = the sum of the chunks' partial sums, which lie a stride apart, + beta y.</summary>
    private static void AddPartials(float* partials, int chunks, int stride, (Tensor Gradient, float Beta) y)
    {
        double* sums = stackalloc double[PartialColumns];
        var (to, beta) = y;
        for (int start = 0; start < to.Length; start += PartialColumns)
        {
            int count = (int)Math.Min(PartialColumns, to.Length - start);
            for (int i = 0; i < count; i++)
                sums[i] = beta == 0 ? 0 : (double)beta * to.Pointer[start + i];
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                float* partial = partials + ((long)chunk * stride) + start;
                for (int i = 0; i < count; i++)
                    sums[i] += partial[i];
            }

            for (int i = 0; i < count; i++)
                to.Pointer[start + i] = (float)sums[i];
        }

        GC.KeepAlive(to);
    }

    /// <summary>What every chunk of rows is computed from.</summary>
    private readonly record struct CrossRows(
        Tensor First, Tensor X, Tensor W, Tensor Dots, Tensor Dy, (Tensor Gradient, float Beta) DFirst,
        (Tensor Gradient, float Beta) Dx)
    {
        /// <summary>Writes the gradients of a chunk's rows, and its parts of dw and dbias to partials, a stride each.</summary>
        public void Run(int chunk, float* partials)
        {
            int columns = X.Columns, chunkRows = RowsPerChunk(columns), start = chunk * chunkRows;
            int stride = PartialStride(columns);
            new Span<float>(partials, 2 * stride).Clear();
            for (int row = start; row < Math.Min(X.Rows, start + chunkRows); row++)
            {
                long at = (long)row * columns;
                float along = TensorPrimitives.Dot<float>(Row(Dy, row), Row(First, row));
                var pointers = new CrossRow(
                    X.Pointer + at, W.Pointer, Dy.Pointer + at, DFirst.Gradient.Pointer + at, Dx.Gradient.Pointer + at, partials,
                    partials + stride);
                AddGradients(Dots.Pointer[row], along, pointers, DFirst.Beta, Dx.Beta, columns);
            }
        }
    }

    /// <summary>Where a row's inputs and gradients lie, and the sums of dw and dbias.</summary>
    private readonly struct CrossRow(float* x, float* w, float* dy, float* dfirst, float* dx, float* dw, float* dbias)
    {
        public readonly float* X = x;
        public readonly float* W = w;
        public readonly float* Dy = dy;
        public readonly float* DFirst = dfirst;
        public readonly float* Dx = dx;
        public readonly float* Dw = dw;
        public readonly float* DBias = dbias;
    }

    private static void AddGradients(float dot, float along, CrossRow row, float betaFirst, float betaX, int count)
    {
        int done = 0;
        if (Vector512.IsHardwareAccelerated)
            done = AddGradientsVectors<Simd512, Vector512<float>>(dot, along, row, betaFirst, betaX, done, count);
        else if (Vector256.IsHardwareAccelerated)
            done = AddGradientsVectors<Simd256, Vector256<float>>(dot, along, row, betaFirst, betaX, done, count);
        else if (Vector128.IsHardwareAccelerated)
            done = AddGradientsVectors<Simd128, Vector128<float>>(dot, along, row, betaFirst, betaX, done, count);
        AddGradientsVectors<SimdScalar, float>(dot, along, row, betaFirst, betaX, done, count);
    }

    /// <summary>dfirst is stored before dx is loaded, which may be the same.</summary>
    private static int AddGradientsVectors<TSimd, TVector>(
        float dot, float along, CrossRow row, float betaFirst, float betaX, int start, int count)
        where TSimd : ISimd<TVector>
        where TVector : struct
    {
        var dots = TSimd.Create(dot);
        var alongs = TSimd.Create(along);
        int i = start;
        for (; i <= count - TSimd.Count; i += TSimd.Count)
        {
            var (x, dy) = (TSimd.Load(row.X + i), TSimd.Load(row.Dy + i));
            var dfirst = TSimd.Multiply(dots, dy);
            if (betaFirst != 0)
                dfirst = TSimd.MultiplyAdd(TSimd.Create(betaFirst), TSimd.Load(row.DFirst + i), dfirst);
            TSimd.Store(dfirst, row.DFirst + i);
            var dx = TSimd.MultiplyAdd(alongs, TSimd.Load(row.W + i), dy);
            if (betaX != 0)
                dx = TSimd.MultiplyAdd(TSimd.Create(betaX), TSimd.Load(row.Dx + i), dx);
            TSimd.Store(dx, row.Dx + i);
            TSimd.Store(TSimd.MultiplyAdd(alongs, x, TSimd.Load(row.Dw + i)), row.Dw + i);
            TSimd.Store(TSimd.Add(TSimd.Load(row.DBias + i), dy), row.DBias + i);
        }

        return i;
    }
}
