using Bet.Jobs.Pipeline;

namespace Bet.Tests.Jobs;

public sealed class ComputeThreadTests
{
    [Fact]
    public void Work_runs_on_one_thread_and_what_it_throws_comes_back()
    {
        using var compute = new ComputeThread("test");
        var (first, second) = (0, 0);
        compute.Run(() => first = Environment.CurrentManagedThreadId);
        var thrown = Assert.Throws<IOException>(() => compute.Run(() => throw new IOException("broken")));
        Assert.Equal("broken", thrown.Message);
        compute.Run(() => second = Environment.CurrentManagedThreadId);
        Assert.Equal(first, second);
        Assert.NotEqual(Environment.CurrentManagedThreadId, first);
    }

    [Fact]
    public void On_Linux_it_and_the_threads_it_begins_give_way()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var compute = new ComputeThread("test");
        var (own, begun) = (0, 0);
        compute.Run(() =>
        {
            own = Niceness();
            var thread = new Thread(() => begun = Niceness());
            thread.Start();
            thread.Join();
        });
        Assert.Equal(Math.Min(19, Niceness() + 10), own);
        Assert.Equal(own, begun);
    }

    /// <summary>Field 19 of the thread's stat, see proc(5).</summary>
    private static int Niceness() => int.Parse(File.ReadAllText("/proc/thread-self/stat").Split(')')[^1].Split(' ')[17]);
}
