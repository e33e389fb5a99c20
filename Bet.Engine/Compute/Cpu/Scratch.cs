namespace Bet.Engine.Compute.Cpu;

/// <summary>Working memory that goes from one operation to the next, so a warmed backend allocates nothing.</summary>
internal sealed unsafe class ScratchPool(Footprint footprint) : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<Scratch> free = [];

    /// <summary>
    /// At least <paramref name="bytes"/> bytes, 64-byte aligned and not cleared; disposing gives them back.
    /// </summary>
    public Scratch Rent(long bytes)
    {
        Scratch? scratch;
        lock (gate)
        {
            int best = -1;
            for (int i = 0; i < free.Count; i++)
            {
                if (best < 0 || IsBetter(free[i].Capacity, free[best].Capacity, bytes))
                    best = i;
            }

            scratch = best < 0 ? null : free[best];
            if (scratch is not null)
                free.RemoveAt(best);
        }

        scratch ??= new Scratch(this, footprint);
        scratch.Reserve(bytes);
        return scratch;
    }

    /// <summary>
    /// Makes sure that as many blocks of this size lie free. Before a parallel loop whose chunks rent one each: how many
    /// chunks run at the same time is chance, and a warmed operation must allocate nothing whatever chance does.
    /// </summary>
    public void Ready(int count, long bytes)
    {
        lock (gate)
        {
            foreach (var scratch in free)
                count -= scratch.Capacity >= bytes ? 1 : 0;
            for (; count > 0; count--)
            {
                var scratch = new Scratch(this, footprint);
                scratch.Reserve(bytes);
                free.Add(scratch);
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var scratch in free)
                scratch.Free();
            free.Clear();
        }
    }

    private void Return(Scratch scratch)
    {
        lock (gate)
            free.Add(scratch);
    }

    /// <summary>The smallest that is large enough; if none is, the largest, which then grows.</summary>
    private static bool IsBetter(long capacity, long best, long bytes) =>
        best >= bytes ? capacity >= bytes && capacity < best : capacity > best;

    /// <summary>One block of the pool, owned by whoever rented it.</summary>
    internal sealed class Scratch(ScratchPool pool, Footprint footprint) : IDisposable
    {
        private void* address;

        ~Scratch() => Free();

        public long Capacity { get; private set; }

        public void* Address => address;

        public float* Floats => (float*)address;

        public double* Doubles => (double*)address;

        public void Dispose() => pool.Return(this);

        public void Reserve(long bytes)
        {
            if (bytes <= Capacity)
                return;
            Free();
            address = NativeBlock.Allocate(bytes);
            Capacity = bytes;
            footprint.Add(bytes);
        }

        public void Free()
        {
            NativeBlock.Free(address, Capacity);
            address = null;
            footprint.Add(-Capacity);
            Capacity = 0;
        }
    }
}

/// <summary>Bytes of native memory that a backend holds. Any thread may add.</summary>
internal sealed class Footprint
{
    private long bytes;

    public long Bytes => Interlocked.Read(ref bytes);

    public void Add(long change) => Interlocked.Add(ref bytes, change);
}
