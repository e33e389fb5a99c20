using Bet.Engine.Compute.Cpu;

namespace Bet.Tests.Compute;

public sealed class WorkersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Every_chunk_runs_once_in_thousands_of_tiny_loops(int threads)
    {
        using var workers = new Workers(threads);
        for (int loop = 0; loop < 3000; loop++)
        {
            int chunks = loop % 23;
            int[] runs = new int[chunks];
            workers.For(chunks, chunk => Interlocked.Increment(ref runs[chunk]));
            Assert.DoesNotContain(runs, count => count != 1);
        }
    }

    [Fact]
    public void Threads_that_fell_asleep_wake_up_again()
    {
        using var workers = new Workers(4);
        for (int loop = 0; loop < 20; loop++)
        {
            Thread.Sleep(5);

            // Each chunk waits for all: this only ends when four threads work at once.
            using var together = new Barrier(4);
            workers.For(4, _ => Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(20))));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void An_exception_reaches_the_caller_and_the_next_loop_runs(int threads)
    {
        using var workers = new Workers(threads);
        for (int loop = 0; loop < 500; loop++)
        {
            int failing = loop % 16;
            var thrown = Assert.Throws<InvalidDataException>(() => workers.For(16, chunk =>
            {
                if (chunk == failing)
                    throw new InvalidDataException($"chunk {chunk}");
            }));
            Assert.Equal($"chunk {failing}", thrown.Message);
            int sum = 0;
            workers.For(16, chunk => Interlocked.Add(ref sum, chunk));
            Assert.Equal(120, sum);
        }
    }

    [Fact]
    public void Several_callers_take_turns()
    {
        using var workers = new Workers(4);
        long total = 0;
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int loop = 0; loop < 500; loop++)
            {
                long sum = 0;
                workers.For(11, chunk => Interlocked.Add(ref sum, chunk));
                Interlocked.Add(ref total, sum);
            }
        }))];
        foreach (var caller in callers)
            caller.Start();
        foreach (var caller in callers)
            caller.Join();
        Assert.Equal(4 * 500 * 55, total);
    }

    [Fact]
    public void A_loop_inside_a_chunk_is_refused()
    {
        using var workers = new Workers(2);
        using var both = new Barrier(2);
        Assert.Throws<InvalidOperationException>(() => workers.For(2, _ =>
        {
            both.SignalAndWait();
            workers.For(2, _ => { });
        }));
    }

    [Fact]
    public void Disposed_workers_refuse_and_may_be_disposed_again()
    {
        var workers = new Workers(3);
        workers.Dispose();
        workers.Dispose();
        Assert.Throws<ObjectDisposedException>(() => workers.For(2, _ => { }));
    }
}
