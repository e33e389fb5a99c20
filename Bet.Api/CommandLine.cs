namespace Bet.Api;

/// <summary>What a server is started with cannot be: the message is for whoever starts it.</summary>
public sealed class SettingsException(string message) : Exception(message);

/// <summary>The command line: short switches for the settings that are given most.</summary>
internal static class CommandLine
{
    private static readonly Switch[] Switches =
    [
        new("--urls", "URLS", "urls", $"where to listen, with ; between; {BetSettings.DefaultAddress} where it is left out"),
        new("--data", "FOLDER", "Bet:DataFolder", "where everything is kept; .bet where it is left out"),
        new("--postgres", "CONNECTION", "Bet:Postgres", "keep the rows in PostgreSQL, for several processes: 'Host=...;Database=...'"),
        new("--role", "ROLE", "Bet:Role", "api answers requests, worker works on searches, all does both (the default)"),
        new("--slots", "N", "Bet:Slots", "steps at once; 1 where it is left out"),
        new("--threads", "N", "Bet:Threads", "threads that compute; one a processor where it is left out"),
        new("--queues", "NAMES", "Bet:Queues", "the queues whose searches are worked on, with commas between; default where it is left out"),
        new("--insecure", "", "Bet:Insecure", "serve other machines without keys"),
    ];

    /// <summary>Settings of ASP.NET Core's that have no section; those that have one have a colon in their name.</summary>
    private static readonly string[] OfTheHost = ["urls", "environment", "applicationName", "contentRoot", "webRoot", "allowedHosts"];

    public static string Help =>
        $"""
        dotnet Bet.Api.dll [SWITCH VALUE]...

        {string.Join("\n", Switches.Select(known => $"  {known.Name + " " + known.Value,-22}{known.Meaning}"))}

        Any other setting as --Bet:KeepDays 30, or Bet__KeepDays=30 in the environment.
        """;

    public static bool AsksForHelp(string[] args) => args.Any(arg => arg is "--help" or "-h" or "-?" or "/?");

    /// <summary>Switches in the long form that the configuration reads, which takes no notice of what it does not know.</summary>
    /// <exception cref="SettingsException">There is no such switch, or a value is missing.</exception>
    public static string[] Expand(string[] args)
    {
        var expanded = new List<string>();
        for (int i = 0; i < args.Length; i++)
        {
            string[] parts = args[i].Split('=', 2);
            var known = Switches.FirstOrDefault(known => known.Name == parts[0]);
            if (known is null && !IsSetting(parts))
                throw new SettingsException(
                    $"{args[i]} was given; there are {string.Join(", ", Switches.Select(known => known.Name))}, and settings such as --Bet:KeepDays 30. --help says more");
            expanded.Add(known is null ? parts[0] : $"--{known.Setting}");
            if (parts.Length == 2)
                expanded[^1] += $"={parts[1]}";
            else if (known is { Value: "" })
                expanded[^1] += "=true";
            else if (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
                expanded.Add(args[++i]);
            else
                throw new SettingsException($"{args[i]} was given without a value: {parts[0]} {known?.Value ?? "VALUE"}");
        }

        return [.. expanded];
    }

    /// <summary>What a setting is called where it is given most.</summary>
    public static string NameOf(string setting) => Switches.FirstOrDefault(known => known.Setting == setting)?.Name ?? setting;

    private static bool IsSetting(string[] parts)
    {
        string name = parts[0].StartsWith("--", StringComparison.Ordinal) ? parts[0][2..]
            : parts[0].StartsWith('/') ? parts[0][1..]
            : parts.Length == 2 ? parts[0]
            : "";
        return name.Contains(':') || OfTheHost.Contains(name, StringComparer.OrdinalIgnoreCase);
    }

    /// <param name="Name">As it is written.</param>
    /// <param name="Value">What stands behind it; empty for one that stands alone.</param>
    /// <param name="Setting">Its name in the configuration.</param>
    /// <param name="Meaning">For <see cref="Help"/>.</param>
    private sealed record Switch(string Name, string Value, string Setting, string Meaning);
}
