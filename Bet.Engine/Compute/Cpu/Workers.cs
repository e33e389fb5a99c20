using System.Runtime.ExceptionServices;

namespace Bet.Engine.Compute.Cpu;

/// <summary>
/// The engine's own threads. <see cref="For"/> runs a body over a fixed number of chunks; which thread takes which
/// chunk varies, what a chunk computes does not, so results are the same for any number of threads.
/// The .NET thread pool is never used and never blocked.
/// <para>
/// A chunk is claimed by one compare-and-swap on a ticket that holds (generation, next chunk), so a thread that comes
/// late, with the ticket of an earlier call, claims nothing. A call waits for its chunks, not for its threads: one
/// that is still waking up when the work is over is not waited for.
/// </para>
/// </summary>
internal sealed class Workers : IDisposable
{
    /// <summary>Turns a waiting thread spins before it sleeps: a few hundred microseconds.</summary>
    private const int SpinLimit = 1000;

    /// <summary>The workers whose chunk this thread is running.</summary>
    [ThreadStatic]
    private static Workers? inChunkOf;

    private readonly Thread[] threads;
    private readonly int spinLimit;
    private readonly Lock gate = new();
    private readonly object parking = new();

    /// <summary>Generation in the upper 32 bits, the next unclaimed chunk in the lower.</summary>
    private long ticket;

    private readonly Dictionary<Type, Work> works = [];
    private Work? current;
    private int chunkCount;
    private int finished;
    private int sleepers;
    private Exception? failure;
    private bool stopping;

    /// <param name="count">Threads that compute, the caller's included.</param>
    public Workers(int count)
    {
        // With more threads than processors a spinning thread only takes time from one that computes.
        spinLimit = count <= Environment.ProcessorCount ? SpinLimit : 1;
        threads = new Thread[Math.Max(0, count - 1)];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Loop) { IsBackground = true, Name = $"bet-compute-{i + 1}" };
            threads[i].Start();
        }
    }

    public int Count => threads.Length + 1;

    /// <summary>
    /// Runs <paramref name="body"/> for every chunk in [0, chunks), on the caller and the other threads, and returns
    /// when all are done. The first exception of a chunk is thrown here, and chunks not yet begun are left out.
    /// Several threads may call: one is served at a time. A body must not call back.
    /// <para>
    /// What the body needs comes in <paramref name="state"/>, so that a static body captures nothing and a call
    /// allocates nothing once its kind of state was seen.
    /// </para>
    /// </summary>
    public void For<TState>(int chunks, in TState state, ChunkBody<TState> body)
    {
        if (threads.Length == 0 || chunks <= 1)
        {
            for (int chunk = 0; chunk < chunks; chunk++)
                body(state, chunk);
            return;
        }

        if (inChunkOf == this)
            throw new InvalidOperationException("Workers: a chunk must not start a parallel loop of its own.");
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref stopping), this);
            var work = WorkOf<TState>();
            work.Set(state, body);
            Publish(chunks, work);
            TakeChunks();
            var spin = new SpinWait();
            while (Volatile.Read(ref finished) < chunks)
                spin.SpinOnce(sleep1Threshold: -1);
            work.Clear();
            if (failure is not null)
                ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>As above, for a body that captures what it needs and so allocates.</summary>
    public void For(int chunks, Action<int> body) => For(chunks, body, static (in Action<int> run, int chunk) => run(chunk));

    public void Dispose()
    {
        lock (gate)
        {
            Volatile.Write(ref stopping, true);
            lock (parking)
                Monitor.PulseAll(parking);
        }

        foreach (var thread in threads)
            thread.Join();
    }

    /// <summary>
    /// Every chunk of the generation before is finished here, so nobody reads these fields but threads whose claim
    /// fails: the ticket, written last, differs from the one they hold.
    /// </summary>
    private void Publish(int chunks, Work work)
    {
        // Closes the old generation before its fields change under a thread that looks late.
        uint generation = (uint)(ticket >> 32) + 1;
        Interlocked.Exchange(ref ticket, ((long)generation << 32) | uint.MaxValue);
        failure = null;
        finished = 0;
        current = work;
        chunkCount = chunks;
        Interlocked.Exchange(ref ticket, (long)(generation + 1) << 32);

        // A thread counts itself asleep before it looks at the ticket a last time, and both are full fences: either
        // it sees this ticket or it is counted here.
        if (Volatile.Read(ref sleepers) > 0)
        {
            lock (parking)
                Monitor.PulseAll(parking);
        }
    }

    private void Loop()
    {
        uint seen = 0;
        while (WaitForWork(ref seen))
            TakeChunks();
    }

    private bool WaitForWork(ref uint seen)
    {
        for (int spin = 0; spin < spinLimit; spin++)
        {
            if (Volatile.Read(ref stopping))
                return false;
            if (IsNew(ref seen))
                return true;
            Thread.SpinWait(10);
        }

        lock (parking)
        {
            Interlocked.Increment(ref sleepers);
            bool found;
            while (!(found = IsNew(ref seen)) && !Volatile.Read(ref stopping))
                Monitor.Wait(parking);
            Interlocked.Decrement(ref sleepers);
            return found;
        }
    }

    private bool IsNew(ref uint seen)
    {
        uint generation = (uint)(Interlocked.Read(ref ticket) >> 32);
        if (generation == seen)
            return false;
        seen = generation;
        return true;
    }

    private void TakeChunks()
    {
        long held = Interlocked.Read(ref ticket);
        while (true)
        {
            uint chunk = (uint)held;
            int chunks = Volatile.Read(ref chunkCount);
            var work = Volatile.Read(ref current);
            long found = chunk < (uint)chunks
                ? Interlocked.CompareExchange(ref ticket, held + 1, held)
                : Interlocked.Read(ref ticket);
            if (found != held)
            {
                held = found;
                continue;
            }

            if (chunk >= (uint)chunks)
                return;
            RunChunk(work!, (int)chunk);
            held = Interlocked.Read(ref ticket);
        }
    }

    private void RunChunk(Work work, int chunk)
    {
        if (Volatile.Read(ref failure) is null)
        {
            inChunkOf = this;
            try
            {
                work.Run(chunk);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, exception, null);
            }
            finally
            {
                inChunkOf = null;
            }
        }

        Interlocked.Increment(ref finished);
    }

    /// <summary>The work of this kind of state, made at its first call and used again.</summary>
    private Work<TState> WorkOf<TState>()
    {
        if (works.TryGetValue(typeof(TState), out var known))
            return (Work<TState>)known;
        var made = new Work<TState>();
        works.Add(typeof(TState), made);
        return made;
    }

    private abstract class Work
    {
        public abstract void Run(int chunk);
    }

    /// <summary>Keeps the tensors in its state, and so their memory, alive while it runs.</summary>
    private sealed class Work<TState> : Work
    {
        private TState? state;
        private ChunkBody<TState>? body;

        public void Set(in TState given, ChunkBody<TState> run) => (state, body) = (given, run);

        public void Clear() => (state, body) = (default, null);

        public override void Run(int chunk) => body!(state!, chunk);
    }
}

/// <summary>One chunk of a parallel loop.</summary>
internal delegate void ChunkBody<TState>(in TState state, int chunk);
