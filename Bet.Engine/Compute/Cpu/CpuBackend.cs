using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// The contract on this machine's processor. Vector instructions of 512 bits where there are any, else 256, 128 or
/// none; each family of operations is a partial file of its own beside this one.
/// <para>
/// Every operation is cut into chunks by the shapes alone, and what chunks add up is added in their order, so results
/// do not depend on the number of threads. Any number of threads may call; tensors written to are not shared.
/// </para>
/// </summary>
public sealed unsafe partial class CpuBackend : Backend
{
    /// <summary>Values in a chunk of an elementwise operation: 64 KiB of each operand.</summary>
    private const int ChunkLength = 16 * 1024;

    private readonly Workers workers;
    private readonly Footprint footprint = new();
    private readonly ScratchPool scratchPool;

    /// <param name="threads">How many threads compute, the caller's included; 0 for one per processor.</param>
    public CpuBackend(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Threads = threads > 0 ? threads : Environment.ProcessorCount;
        workers = new Workers(Threads);
        scratchPool = new ScratchPool(footprint);
    }

    public override int Threads { get; }

    public override string Name => "cpu";

    public override string Description => $"cpu, {VectorBits}-bit vectors, {Threads} threads";

    /// <summary>Native memory in use, in bytes: every tensor not yet freed, and the working memory of operations.</summary>
    public long AllocatedBytes => footprint.Bytes;

    private static int VectorBits =>
        Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128 : 32;

    public override void Dispose()
    {
        workers.Dispose();
        scratchPool.Dispose();
    }

    /// <summary>
    /// Runs the body over [0, length) in chunks of <see cref="ChunkLength"/>: (state, start, count). A static body
    /// allocates nothing.
    /// </summary>
    private void ForValues<TState>(long length, in TState state, ValuesBody<TState> body) =>
        workers.For(ChunksOf(length, ChunkLength), (length, state, body), static (in work, chunk) =>
        {
            long start = (long)chunk * ChunkLength;
            work.body(work.state, start, (int)Math.Min(ChunkLength, work.length - start));
        });

    /// <summary>
    /// Runs the body over rows of the given width, in chunks of about <see cref="ChunkLength"/> values: (state, start,
    /// end). A static body allocates nothing.
    /// </summary>
    private void ForRows<TState>(int rows, int columns, in TState state, RowsBody<TState> body)
    {
        int chunkRows = RowsPerChunk(columns);
        workers.For(ChunksOf(rows, chunkRows), (rows, chunkRows, state, body), static (in work, chunk) =>
        {
            int start = chunk * work.chunkRows;
            work.body(work.state, start, Math.Min(work.rows, start + work.chunkRows));
        });
    }

    private static int RowsPerChunk(int columns) => Math.Max(1, ChunkLength / Math.Max(columns, 8));

    private static int ChunksOf(long length, int chunkLength) => (int)((length + chunkLength - 1) / chunkLength);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Span<float> Row(Tensor tensor, int row) =>
        new(tensor.Pointer + ((long)row * tensor.Columns), tensor.Columns);

    private static void Check(bool fits, [InterpolatedStringHandlerArgument(nameof(fits))] ref MisfitMessage message)
    {
        if (!fits)
            throw new ArgumentException(message.ToString());
    }

    private delegate void ValuesBody<TState>(in TState state, long start, int count);

    private delegate void RowsBody<TState>(in TState state, int start, int end);

    /// <summary>What a failed check says. Nothing is formatted, nor allocated, where the check holds.</summary>
    [InterpolatedStringHandler]
    private ref struct MisfitMessage
    {
        private DefaultInterpolatedStringHandler text;

        public MisfitMessage(int literalLength, int formattedCount, bool fits, out bool wanted)
        {
            wanted = !fits;
            if (wanted)
                text = new DefaultInterpolatedStringHandler(literalLength, formattedCount);
        }

        public void AppendLiteral(string literal) => text.AppendLiteral(literal);

        public void AppendFormatted<T>(T value) => text.AppendFormatted(value);

        public override string ToString() => text.ToStringAndClear();
    }
}
