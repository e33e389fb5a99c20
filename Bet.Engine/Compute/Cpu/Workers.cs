namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// The engine's own threads. <see cref="For"/> runs a body over a fixed number of chunks; which thread takes which
/// chunk varies, what a chunk computes does not, so results are the same for any number of threads.
/// The .NET thread pool is never used and never blocked.
/// </summary>
internal sealed class Workers : IDisposable
{
    /// <summary>Iterations a waiting thread spins before it sleeps: about the length of one small operation.</summary>
    private const int SpinLimit = 2000;

    private readonly Thread[] threads;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim wake = new(0);
    private volatile int generation;
    private volatile Action<int>? body;
    private int chunkCount;
    private int nextChunk;
    private int running;
    private int sleepers;
    private Exception? failure;
    private volatile bool stopping;

    /// <param name="count">Threads that compute, the caller's included.</param>
    public Workers(int count)
    {
        threads = new Thread[Math.Max(0, count - 1)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Loop) { IsBackground = true, Name = $"bet-compute-{i + 1}" };
            threads[i].Start();
        }
    }

    public int Count => threads.Length + 1;

    /// <summary>
    /// Runs <paramref name="work"/> for every chunk in [0, chunks), on the caller and the other threads, and returns
    /// when all are done. The first exception of a chunk is thrown here. One caller at a time; not to be nested.
    /// </summary>
    public void For(int chunks, Action<int> work)
    {
        if (chunks <= 0)
            return;
        lock (gate)
        {
            if (threads.Length == 0 || chunks == 1)
            {
                for (int chunk = 0; chunk < chunks; chunk++)
                    work(chunk);
                return;
            }

            failure = null;
            chunkCount = chunks;
            nextChunk = -1;
            running = threads.Length;
            body = work;
            Interlocked.Increment(ref generation);
            int asleep = Volatile.Read(ref sleepers);
            if (asleep > 0)
                wake.Release(asleep);
            TakeChunks(work);
            var spin = new SpinWait();
            while (Volatile.Read(ref running) > 0)
                spin.SpinOnce(sleep1Threshold: -1);
            body = null;
            if (failure is not null)
                throw new AggregateException(failure);
        }
    }

    public void Dispose()
    {
        stopping = true;
        wake.Release(threads.Length + 1);
        foreach (var thread in threads)
            thread.Join();
        wake.Dispose();
    }

    private void Loop()
    {
        int seen = 0;
        while (WaitForWork(ref seen))
        {
            TakeChunks(body!);
            Interlocked.Decrement(ref running);
        }
    }

    private bool WaitForWork(ref int seen)
    {
        while (true)
        {
            for (int spin = 0; spin < SpinLimit; spin++)
            {
                if (generation != seen)
                {
                    seen = generation;
                    return true;
                }

                if (stopping)
                    return false;
                Thread.SpinWait(10);
            }

            Interlocked.Increment(ref sleepers);
            if (generation == seen && !stopping)
                wake.Wait();
            Interlocked.Decrement(ref sleepers);
        }
    }

    private void TakeChunks(Action<int> work)
    {
        try
        {
            int chunk;
            while ((chunk = Interlocked.Increment(ref nextChunk)) < chunkCount)
                work(chunk);
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref failure, exception, null);
            Volatile.Write(ref nextChunk, chunkCount);
        }
    }
}
