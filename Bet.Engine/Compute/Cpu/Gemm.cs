using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// C = alpha op(A) op(B) + beta C, A [m, k], B [k, n] after their transposes, nearly as in BLIS: B is packed
/// into panels, A is read where it lies, and tiles of C come from one microkernel. Two plans, by shape alone: tiles of C as chunks, with B packed
/// once for all; or, where C is small and k is long (weight gradients), ranges of k as chunks, each with a C of its
/// own, added up in order.
/// </summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Depth of a packed block: a panel of B, 256 x 32 values, is 32 KiB.</summary>
    private const int BlockDepth = 256;

    /// <summary>
    /// Panels of A in a block of rows: with 12 rows and depth 256, 96 KiB, well inside the second cache.
    /// </summary>
    private const int BlockPanels = 8;

    /// <summary>Largest C, in values, that is computed by ranges of k.</summary>
    private const int SmallProduct = 64 * 1024;

    /// <summary>Shortest k that is computed by ranges, and the least length of one.</summary>
    private const int LongDepth = 2048, DepthRange = 512;

    private const int MostDepthRanges = 16;

    private const int WantedGemmChunks = 16;

    public override void Gemm(
        bool transposeA, bool transposeB, float alpha, Tensor a, Tensor b, float beta, Tensor c)
    {
        var (rows, depth) = transposeA ? (a.Columns, a.Rows) : (a.Rows, a.Columns);
        var (depthOfB, columns) = transposeB ? (b.Columns, b.Rows) : (b.Rows, b.Columns);
        Check(
            depth == depthOfB && c.Rows == rows && c.Columns == columns,
            $"Gemm: A is [{rows}, {depth}], B is [{depthOfB}, {columns}], C is {c}");
        if (c.Length == 0)
            return;
        if (depth == 0 || alpha == 0)
            Scale(beta, c);
        else if (depth >= LongDepth && c.Length <= SmallProduct)
            GemmByDepth(transposeA, transposeB, alpha, a, b, beta, c, depth);
        else
            GemmByTiles(transposeA, transposeB, alpha, a, b, beta, c, depth);
    }

    /// <summary>Room to pack one panel of A where it cannot be read in place.</summary>
    private static long EdgeBytes => MicroKernel.Rows * BlockDepth * sizeof(float);

    private void GemmByTiles(
        bool transposeA, bool transposeB, float alpha, Tensor a, Tensor b, float beta, Tensor c, int depth)
    {
        int panelWidth = MicroKernel.Columns;
        int panels = ChunksOf(c.Columns, panelWidth);
        int rowsPerBlock = MicroKernel.Rows * BlockPanels;
        int rowBlocks = ChunksOf(c.Rows, rowsPerBlock);
        int columnBlocks = Math.Clamp(WantedGemmChunks / rowBlocks, 1, panels);
        int panelsPerBlock = ChunksOf(panels, columnBlocks);
        columnBlocks = ChunksOf(panels, panelsPerBlock);
        using var packedB = scratchPool.Rent((long)panels * panelWidth * depth * sizeof(float));

        PackPanels(SourceB(transposeB, b), c.Columns, depth, packedB);
        scratchPool.Ready(workers.Count, EdgeBytes);
        var work = (transposeA, alpha, a, beta, c, depth, rowsPerBlock, columnBlocks, panelsPerBlock, packedB, scratchPool);
        workers.For(rowBlocks * columnBlocks, work, static (in work, chunk) =>
        {
            var (transposeA, alpha, a, beta, c, depth, rowsPerBlock, columnBlocks, panelsPerBlock, packedB, pool) = work;
            int panelWidth = MicroKernel.Columns;
            int firstRow = chunk / columnBlocks * rowsPerBlock;
            int firstPanel = chunk % columnBlocks * panelsPerBlock;
            var block = new ProductBlock(
                c.Pointer + ((long)firstRow * c.Columns) + (firstPanel * panelWidth), c.Columns,
                Math.Min(rowsPerBlock, c.Rows - firstRow),
                Math.Min(panelsPerBlock * panelWidth, c.Columns - (firstPanel * panelWidth)));
            using var edge = pool.Rent(EdgeBytes);
            for (int k = 0; k < depth; k += BlockDepth)
            {
                float* panel = packedB.Floats + ((long)firstPanel * panelWidth * depth) + ((long)k * panelWidth);
                block.Multiply(
                    SourceA(transposeA, a), firstRow, k, Math.Min(BlockDepth, depth - k), edge.Floats, panel,
                    (long)panelWidth * depth, alpha, k == 0 ? beta : 1);
            }
        });
        GC.KeepAlive(b);
    }

    /// <summary>Panel by panel, each with its whole depth: block k of a panel is at k times the panel's width.</summary>
    private void PackPanels(PackSource source, int lanes, int depth, ScratchPool.Scratch packed) =>
        workers.For(ChunksOf(lanes, MicroKernel.Columns), (source, lanes, depth, packed), static (in work, panel) =>
        {
            int panelWidth = MicroKernel.Columns, first = panel * panelWidth;
            work.source.Pack(
                panelWidth, first, Math.Min(panelWidth, work.lanes - first), 0, work.depth,
                work.packed.Floats + ((long)first * work.depth));
        });

    private void GemmByDepth(
        bool transposeA, bool transposeB, float alpha, Tensor a, Tensor b, float beta, Tensor c, int depth)
    {
        int ranges = Math.Min(MostDepthRanges, depth / DepthRange);
        using var partials = scratchPool.Rent(ranges * c.Length * sizeof(float));
        long sizeOfB = (long)ChunksOf(c.Columns, MicroKernel.Columns) * MicroKernel.Columns * BlockDepth;
        scratchPool.Ready(workers.Count, (sizeOfB * sizeof(float)) + EdgeBytes);
        var work = (transposeA, transposeB, a, b, c, depth, ranges, partials, sizeOfB, scratchPool);
        workers.For(ranges, work, static (in work, range) =>
        {
            var (transposeA, transposeB, a, b, c, depth, ranges, partials, sizeOfB, pool) = work;
            int panelWidth = MicroKernel.Columns;
            int start = (int)((long)depth * range / ranges), end = (int)((long)depth * (range + 1) / ranges);
            using var packed = pool.Rent((sizeOfB * sizeof(float)) + EdgeBytes);
            var block = new ProductBlock(partials.Floats + (range * c.Length), c.Columns, c.Rows, c.Columns);
            for (int k = start; k < end; k += BlockDepth)
            {
                int count = Math.Min(BlockDepth, end - k);
                SourceB(transposeB, b).Pack(panelWidth, 0, c.Columns, k, count, packed.Floats);
                block.Multiply(
                    SourceA(transposeA, a), 0, k, count, packed.Floats + sizeOfB, packed.Floats,
                    (long)panelWidth * count, 1, k == start ? 0 : 1);
            }
        });
        AddPartials(partials.Floats, ranges, alpha, beta, c);
    }

    private static void AddPartials(float* partials, int count, float alpha, float beta, Tensor c)
    {
        int length = (int)c.Length;
        var sum = new Span<float>(partials, length);
        for (int range = 1; range < count; range++)
            TensorPrimitives.Add(sum, new ReadOnlySpan<float>(partials + ((long)range * length), length), sum);
        for (int i = 0; i < length; i++)
            c.Pointer[i] = (alpha * sum[i]) + (beta == 0 ? 0 : beta * c.Pointer[i]);
    }

    /// <summary>Rows of op(A) are its lanes, contiguous when A is stored transposed.</summary>
    private static PackSource SourceA(bool transpose, Tensor a) => new(a.Pointer, a.Columns, transpose);

    /// <summary>Columns of op(B) are its lanes, contiguous when B is stored as it is.</summary>
    private static PackSource SourceB(bool transpose, Tensor b) => new(b.Pointer, b.Columns, !transpose);

    private void Scale(float beta, Tensor c)
    {
        if (beta == 0)
            Fill(c, 0);
        else
            ForValues(c.Length, (beta, c), static (in work, start, count) =>
            {
                var values = new Span<float>(work.c.Pointer + start, count);
                TensorPrimitives.Multiply(values, work.beta, values);
            });
    }

    /// <summary>A rectangle of C and the two loops of tiles over it.</summary>
    private readonly struct ProductBlock(float* c, int stride, int rows, int columns)
    {
        /// <summary>
        /// C = alpha A B + beta C over <paramref name="depth"/>, the lanes of A from <paramref name="firstRow"/> on; packed
        /// panels of B come every <paramref name="panelStride"/> values. A panel of B stays in the first cache for all
        /// of A, which is read where it lies but for rows that do not fill a tile: these are packed into
        /// <paramref name="edge"/>.
        /// </summary>
        public void Multiply(
            PackSource a, int firstRow, int firstDepth, int depth, float* edge, float* packedB, long panelStride,
            float alpha, float beta)
        {
            int tileRows = MicroKernel.Rows, tileColumns = MicroKernel.Columns;
            float* tile = stackalloc float[tileRows * tileColumns];
            for (int column = 0; column < columns; column += tileColumns, packedB += panelStride)
            {
                int width = Math.Min(tileColumns, columns - column);
                var panelB = Panel.Packed(packedB, tileColumns);
                for (int row = 0; row < rows; row += tileRows)
                {
                    int height = Math.Min(tileRows, rows - row);
                    var panelA = a.Panel(tileRows, firstRow + row, height, firstDepth, depth, edge);
                    float* destination = c + ((long)row * stride) + column;
                    bool left = width <= tileColumns / 2;
                    bool inPlace = alpha == 1 && beta == 0 && height == tileRows &&
                        width == (left ? tileColumns / 2 : tileColumns);
                    float* result = inPlace ? destination : tile;
                    int resultStride = inPlace ? stride : tileColumns;
                    if (left)
                        MicroKernel.RunLeft(depth, panelA, panelB, result, resultStride);
                    else
                        MicroKernel.Run(depth, panelA, panelB, result, resultStride);
                    for (int i = 0; i < height && !inPlace; i++)
                        Combine(alpha, tile + (i * tileColumns), beta, destination + ((long)i * stride), width);
                }
            }
        }

        /// <summary>c = alpha tile + beta c for a row of a tile.</summary>
        private static void Combine(float alpha, float* tile, float beta, float* destination, int count)
        {
            int done = 0;
            if (Vector512.IsHardwareAccelerated)
                done = CombineVectors<Simd512, Vector512<float>>(alpha, tile, beta, destination, done, count);
            else if (Vector256.IsHardwareAccelerated)
                done = CombineVectors<Simd256, Vector256<float>>(alpha, tile, beta, destination, done, count);
            else if (Vector128.IsHardwareAccelerated)
                done = CombineVectors<Simd128, Vector128<float>>(alpha, tile, beta, destination, done, count);
            CombineVectors<SimdScalar, float>(alpha, tile, beta, destination, done, count);
        }

        private static int CombineVectors<TSimd, TVector>(
            float alpha, float* tile, float beta, float* destination, int start, int count)
            where TSimd : ISimd<TVector>
            where TVector : struct
        {
            int i = start;
            for (; i <= count - TSimd.Count; i += TSimd.Count)
            {
                var result = TSimd.Multiply(TSimd.Create(alpha), TSimd.Load(tile + i));
                if (beta != 0)
                    result = TSimd.MultiplyAdd(TSimd.Create(beta), TSimd.Load(destination + i), result);
                TSimd.Store(result, destination + i);
            }

            return i;
        }
    }
}
