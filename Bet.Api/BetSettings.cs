using System.Net;

namespace Bet.Api;

/// <summary>What an operator decides: section "Bet" of the configuration, and the command line.</summary>
public sealed class BetSettings
{
    public const string DefaultAddress = "http://127.0.0.1:8080";

    /// <summary>Where everything is kept; --data.</summary>
    public string DataFolder { get; set; } = ".bet";

    /// <summary>How many threads compute; 0 for one per processor; --threads.</summary>
    public int Threads { get; set; }

    /// <summary>How often a step may end its process before its search fails.</summary>
    public int StepAttempts { get; set; } = 3;

    /// <summary>The most bytes of one upload, as they are sent.</summary>
    public long MaximumUploadBytes { get; set; } = 1L << 30;

    /// <summary>The most bytes of one uploaded file once it is unpacked.</summary>
    public long MaximumExpandedBytes { get; set; } = 8L << 30;

    /// <summary>The keys that requests must carry; none: no key is asked for.</summary>
    public string[] ApiKeys { get; set; } = [];

    /// <summary>Serve other machines without keys; --insecure.</summary>
    public bool Insecure { get; set; }

    /// <summary>Short switches in the long form that the configuration reads.</summary>
    public static string[] Expand(string[] args)
    {
        var expanded = new List<string>();
        foreach (string arg in args)
        {
            string[] parts = arg.Split('=', 2);
            string name = parts[0] switch
            {
                "--data" => "--Bet:DataFolder",
                "--threads" => "--Bet:Threads",
                "--insecure" => "--Bet:Insecure=true",
                _ => parts[0],
            };
            expanded.Add(parts.Length == 2 ? $"{name}={parts[1]}" : name);
        }

        return [.. expanded];
    }

    /// <summary>
    /// Null where the addresses may be served; else why not: whoever reaches a server without keys can fill its disk and
    /// read all that is on it.
    /// </summary>
    public string? Refusal(IEnumerable<string> addresses)
    {
        if (Insecure || ApiKeys.Any(key => key.Length > 0))
            return null;
        string[] open = addresses.Where(address => !IsLoopback(address)).ToArray();
        return open.Length == 0
            ? null
            : $"{string.Join(", ", open)} can be reached from other machines, and no API keys are set. Give keys " +
              "(Bet:ApiKeys:0 in the configuration, Bet__ApiKeys__0 in the environment), or serve only this machine " +
              $"(--urls {DefaultAddress}), or say --insecure where something else guards the port.";
    }

    /// <summary>All addresses that the server would bind to.</summary>
    public static IEnumerable<string> Addresses(IConfiguration configuration)
    {
        string urls = configuration["urls"] is { Length: > 0 } given ? given : DefaultAddress;
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>();
        return urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Concat(endpoints);
    }

    private static bool IsLoopback(string address)
    {
        string host = BindingAddress.Parse(address).Host.Trim('[', ']');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
