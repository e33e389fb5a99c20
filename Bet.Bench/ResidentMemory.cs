using System.Globalization;

namespace Bet.Bench;

/// <summary>The memory of this process that is resident, in millions of bytes; null where the system does not tell.</summary>
internal static class ResidentMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>Now.</summary>
    public static double? Megabytes => Read("VmRSS:");

    /// <summary>The most since the process started.</summary>
    public static double? PeakMegabytes => Read("VmHWM:");

    private static double? Read(string field)
    {
        if (!File.Exists(Status))
            return null;
        string line = File.ReadLines(Status).First(line => line.StartsWith(field, StringComparison.Ordinal));
        string kilobytes = line[field.Length..].Trim().Split(' ')[0];
        return long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024 / 1e6;
    }
}
