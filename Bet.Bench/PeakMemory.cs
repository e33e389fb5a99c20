using System.Globalization;

namespace Bet.Bench;

/// <summary>The most memory this process held at once while something ran, beyond what it held before (Linux).</summary>
public sealed class PeakMemory
{
    private const string Status = "/proc/self/status";
    private const string ClearReferences = "/proc/self/clear_refs";

    /// <summary>The largest growth of any run so far, in bytes; null where the system does not tell.</summary>
    public long? Growth { get; private set; }

    /// <summary>Runs the work and notes how far the resident memory rose.</summary>
    public T Watch<T>(Func<T> work)
    {
        if (!File.Exists(Status))
            return work();
        // 5 sets the high-water mark back to what is resident now.
        File.WriteAllText(ClearReferences, "5");
        long before = Read("VmRSS:");
        var result = work();
        Growth = Math.Max(Growth ?? 0, Read("VmHWM:") - before);
        return result;
    }

    /// <summary>The most this process has held since it began, in bytes.</summary>
    /// <exception cref="PlatformNotSupportedException">The system does not tell.</exception>
    public static long Highest() => File.Exists(Status)
        ? Read("VmHWM:")
        : throw new PlatformNotSupportedException($"peak memory is read from {Status}, which this system does not have");

    private static long Read(string field)
    {
        string line = File.ReadLines(Status).First(line => line.StartsWith(field, StringComparison.Ordinal));
        string kilobytes = line[field.Length..].Trim().Split(' ')[0];
        return long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024;
    }
}
