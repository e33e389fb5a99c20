using System.Globalization;
using System.Reflection;

namespace Bet.Bench;

/// <summary>Where this program's repository lies, and which state of it runs.</summary>
public static class Repository
{
    /// <summary>The nearest folder upward that has the solution; the current folder where there is none.</summary>
    public static string Root { get; } =
        Upward(AppContext.BaseDirectory, "Bet.sln") ?? Upward(Environment.CurrentDirectory, "Bet.sln")
        ?? Environment.CurrentDirectory;

    /// <summary>The nearest folder at or above <paramref name="start"/> that holds <paramref name="entry"/>.</summary>
    public static string? Upward(string start, string entry)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (Path.Exists(Path.Combine(folder.FullName, entry)))
                return folder.FullName;
        }

        return null;
    }

    /// <summary>The real data sets, in shared/data above the repository.</summary>
    /// <exception cref="UsageException">They are not there.</exception>
    public static string SharedData()
    {
        string place = Path.Combine("shared", "data");
        return Upward(Root, place) is { } above
            ? Path.Combine(above, place)
            : throw new UsageException("there is no shared/data above this folder; give --data");
    }

    /// <summary>
    /// The commit that this program was built from, with "-dirty" where other files than results and documents differed from
    /// it then; "unknown" where it was built without git.
    /// </summary>
    public static string Commit()
    {
        string version = typeof(Repository).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        return version.Split('+', 2) is [_, var commit] ? commit[..7] + commit[40..] : "unknown";
    }

    /// <summary>The processor's model and how many of its cores are here.</summary>
    public static string Machine()
    {
        string? model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return $"{model?.Split(':', 2)[1].Trim() ?? "unknown processor"}, {Environment.ProcessorCount} cores";
    }

    /// <summary>How many processes were running or ready to, on average over the last minute.</summary>
    public static double LoadAverage() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
}
