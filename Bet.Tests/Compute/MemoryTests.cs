using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

public sealed class MemoryTests
{
    [Fact]
    public void New_tensors_are_zero_and_fills_are_not()
    {
        float[] zeros = Oracle.Run(backend => backend.Allocate(300, 101));
        Assert.All(zeros, value => Assert.Equal(0, value));
        float[] filled = Oracle.Run(backend =>
        {
            var tensor = backend.Allocate(300, 101);
            backend.Fill(tensor, 1.5f);
            return tensor;
        });
        Assert.All(filled, value => Assert.Equal(1.5f, value));
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        using var tensor = Oracle.Backend.Allocate(2, 3);
        using var ids = Oracle.Backend.AllocateIds(4);
        Oracle.Fails("Upload: 5 values do not fill [2, 3]", () => Oracle.Backend.Upload(new float[5], tensor));
        Oracle.Fails("Upload: 5 values do not fill [4]", () => Oracle.Backend.Upload(new int[5], ids));
        Oracle.Fails("Download: [2, 3] does not fill 5 values", () => Oracle.Backend.Download(tensor, new float[5]));
        Oracle.Fails("Download: [4] does not fill 5 values", () => Oracle.Backend.Download(ids, new int[5]));
    }

    [Fact]
    public void Freed_memory_is_not_read()
    {
        var tensor = Oracle.Backend.Allocate(2, 3);
        tensor.Dispose();
        tensor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Oracle.Backend.Download(tensor, new float[6]));
        Assert.Throws<ObjectDisposedException>(() => Oracle.Backend.Fill(tensor, 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(2 * 1024 * 1024 - 1)]
    [InlineData(2 * 1024 * 1024)]
    [InlineData(2 * 1024 * 1024 + 1)]
    [InlineData(5_000_003)]
    public unsafe void Blocks_are_aligned_and_apart_and_can_be_freed_in_any_order(int bytes)
    {
        var blocks = Enumerable.Range(0, 5).Select(_ => (nint)NativeBlock.Allocate(bytes)).ToArray();
        for (int i = 0; i < blocks.Length; i++)
        {
            Assert.Equal(0, blocks[i] % (bytes < 2 * 1024 * 1024 ? 64 : 2 * 1024 * 1024));
            new Span<byte>((void*)blocks[i], bytes).Fill((byte)(i + 1));
        }

        foreach (int i in new[] { 3, 0, 4, 1, 2 })
        {
            Assert.False(new Span<byte>((void*)blocks[i], bytes).ContainsAnyExcept((byte)(i + 1)));
            NativeBlock.Free((void*)blocks[i], bytes);
        }

        NativeBlock.Free(null, bytes);
    }

    [Fact]
    public void Scratch_memory_is_handed_out_again_and_never_twice()
    {
        var footprint = new Footprint();
        using var pool = new ScratchPool(footprint);
        var small = pool.Rent(100);
        var large = pool.Rent(1000);
        Assert.NotSame(small, large);
        small.Dispose();
        large.Dispose();
        using var again = pool.Rent(50);
        using var grown = pool.Rent(5000);
        Assert.Same(small, again);
        Assert.Same(large, grown);
        Assert.True(grown.Capacity >= 5000);
        Assert.Equal(small.Capacity + grown.Capacity, footprint.Bytes);
    }

    [Fact]
    public void A_backend_knows_what_it_holds()
    {
        using var backend = new CpuBackend(1);
        using var kept = backend.AllocateIds(10);
        Assert.Equal(40, backend.AllocatedBytes);
        var tensor = backend.Allocate(1000, 1000);
        Assert.Equal(4_000_040, backend.AllocatedBytes);
        tensor.Dispose();
        tensor.Dispose();
        Assert.Equal(40, backend.AllocatedBytes);
    }
}
