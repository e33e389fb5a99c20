using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Bet.Jobs.Pipeline;

/// <summary>
/// A thread for long computations, which gives way to whatever else the machine has to do: requests, claims and heartbeats
/// are answered while a search uses every core. Threads that work started on it begin give way too.
/// </summary>
public sealed partial class ComputeThread : IDisposable
{
    /// <summary>How much nicer than others: on Linux a thread then gets about a tenth of the time of one that wants it too.</summary>
    private const int Niceness = 10;

    private readonly Thread thread;
    private readonly SemaphoreSlim asked = new(0), ended = new(0);
    private Action? work;
    private ExceptionDispatchInfo? failure;

    public ComputeThread(string name)
    {
        thread = new Thread(Loop) { IsBackground = true, Name = name, Priority = ThreadPriority.BelowNormal };
        thread.Start();
    }

    /// <summary>Runs the work there and waits for its end; what it throws is thrown here. For one caller at a time.</summary>
    public void Run(Action action)
    {
        work = action;
        asked.Release();
        ended.Wait();
        var thrown = failure;
        failure = null;
        thrown?.Throw();
    }

    /// <summary>Waits for the thread's end.</summary>
    public void Dispose()
    {
        work = null;
        asked.Release();
        thread.Join();
        asked.Dispose();
        ended.Dispose();
    }

    private void Loop()
    {
        // The priority above means nothing on Linux, where this is of the calling thread alone and its new threads inherit it.
        if (OperatingSystem.IsLinux())
            _ = Nice(Niceness);
        while (true)
        {
            asked.Wait();
            if (work is null)
                return;
            try
            {
                work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }

            work = null;
            ended.Release();
        }
    }

    [LibraryImport("libc", EntryPoint = "nice")]
    private static partial int Nice(int more);
}
