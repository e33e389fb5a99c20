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
    private readonly ScratchPool scratchPool = new();

    /// <param name="threads">How many threads compute, the caller's included; 0 for one per processor.</param>
    public CpuBackend(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Threads = threads > 0 ? threads : Environment.ProcessorCount;
        workers = new Workers(Threads);
    }

    public int Threads { get; }

    public override string Name => "cpu";

    public override string Description => $"cpu, {VectorBits}-bit vectors, {Threads} threads";

    internal Workers Workers => workers;

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
        workers.For(ChunksOf(length, ChunkLength), (length, state, body), static (in (long Length, TState State, ValuesBody<TState> Body) work, int chunk) =>
        {
            long start = (long)chunk * ChunkLength;
            work.Body(work.State, start, (int)Math.Min(ChunkLength, work.Length - start));
        });

    /// <summary>
    /// Runs the body over rows of the given width, in chunks of about <see cref="ChunkLength"/> values: (state, start,
    /// end). A static body allocates nothing.
    /// </summary>
    private void ForRows<TState>(int rows, int columns, in TState state, RowsBody<TState> body)
    {
        int chunkRows = RowsPerChunk(columns);
        workers.For(ChunksOf(rows, chunkRows), (rows, chunkRows, state, body), static (in (int Rows, int ChunkRows, TState State, RowsBody<TState> Body) work, int chunk) =>
        {
            int start = chunk * work.ChunkRows;
            work.Body(work.State, start, Math.Min(work.Rows, start + work.ChunkRows));
        });
    }

    private void ForValues(long length, Action<long, int> body) =>
        ForValues(length, body, static (in Action<long, int> run, long start, int count) => run(start, count));

    private void ForRows(int rows, int columns, Action<int, int> body) =>
        ForRows(rows, columns, body, static (in Action<int, int> run, int start, int end) => run(start, end));

    private delegate void ValuesBody<TState>(in TState state, long start, int count);

    private delegate void RowsBody<TState>(in TState state, int start, int end);

    private static int RowsPerChunk(int columns) => Math.Max(1, ChunkLength / Math.Max(columns, 8));

    private static int ChunksOf(long length, int chunkLength) => (int)((length + chunkLength - 1) / chunkLength);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Span<float> Row(Tensor tensor, int row) =>
        new(tensor.Pointer + ((long)row * tensor.Columns), tensor.Columns);

    private static void Check(bool fits, string message)
    {
        if (!fits)
            throw new ArgumentException(message);
    }
}
