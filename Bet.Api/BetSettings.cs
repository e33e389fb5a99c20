using System.ComponentModel;
using System.Net;
using Bet.Api.Searches;
using Bet.Jobs.Pipeline;
using Bet.Jobs.Storage;

namespace Bet.Api;

/// <summary>What an operator decides: section "Bet" of the configuration, and the command line.</summary>
public sealed class BetSettings
{
    public const string DefaultAddress = "http://127.0.0.1:8080";

    /// <summary>Where everything is kept; with <see cref="Postgres"/> the blobs alone, and every process needs the same folder; --data.</summary>
    public string DataFolder { get; set; } = ".bet";

    /// <summary>
    /// Keep the rows in PostgreSQL, so that several processes can work together: "Host=...;Database=...;Username=...";
    /// --postgres.
    /// </summary>
    public string? Postgres { get; set; }

    /// <summary>Keep the blobs in a bucket instead of the data folder: Bet:S3:Bucket, Endpoint, Region, AccessKey, SecretKey, Prefix.</summary>
    public S3Settings? S3 { get; set; }

    /// <summary>What this process does: api answers requests, worker works on searches, all does both; --role.</summary>
    public string Role { get; set; } = "all";

    /// <summary>How many steps this process works on at once; --slots.</summary>
    public int Slots { get; set; } = 1;

    /// <summary>The queues whose searches it works on, with commas between; --queues.</summary>
    public string Queues { get; set; } = SearchRow.DefaultQueue;

    /// <summary>How many searches of one API key may be under way at once; 0 for any number.</summary>
    public int SearchesPerKey { get; set; }

    /// <summary>How many seconds a worker that says nothing keeps its step.</summary>
    public double LeaseSeconds { get; set; } = 15;

    /// <summary>How many days searches that have ended are kept; 0 for ever.</summary>
    public double KeepDays { get; set; }

    /// <summary>How many seconds of a long training may be lost at most, or an epoch where that is longer.</summary>
    public double CheckpointSeconds { get; set; } = 60;

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

    /// <exception cref="SettingsException">A value is not of its setting's kind.</exception>
    public static BetSettings Of(IConfiguration configuration)
    {
        var section = configuration.GetSection("Bet");
        foreach (var setting in typeof(BetSettings).GetProperties().Where(property => property.PropertyType.IsValueType))
        {
            if (section[setting.Name] is { } given && !TypeDescriptor.GetConverter(setting.PropertyType).IsValid(given))
                throw new SettingsException(
                    $"{CommandLine.NameOf($"Bet:{setting.Name}")} {given} was given; {Describe(setting.PropertyType)} is expected");
        }

        return section.Get<BetSettings>() ?? new BetSettings();
    }

    /// <exception cref="SettingsException">What was set does not go together.</exception>
    public void Check(IReadOnlyCollection<string> addresses)
    {
        if (Refusal(addresses) is { } refusal)
            throw new SettingsException(refusal);
    }

    /// <summary>
    /// Null where the server may start; else why not: among others, that whoever reaches a server without keys can fill its
    /// disk and read all that is on it.
    /// </summary>
    private string? Refusal(IReadOnlyCollection<string> addresses)
    {
        if (Role is not ("api" or "worker" or "all"))
            return $"--role {Role} was given; there are api, worker and all";
        if (Role != "all" && string.IsNullOrEmpty(Postgres))
            return $"--role {Role} works with other processes, and needs --postgres: a data folder alone belongs to one process";
        if (Slots is < 1 or > 1024)
            return $"--slots {Slots} was given; a process works on 1 to 1024 steps at once";
        if (LeaseSeconds is not (>= 1 and <= 3600))
            return FormattableString.Invariant($"Bet:LeaseSeconds {LeaseSeconds} was given; a lease has 1 to 3600 seconds");
        if (QueueNames.Length == 0 || QueueNames.FirstOrDefault(name => !SearchCreator.IsQueueName(name)) is not null)
            return $"--queues {Queues} was given; queues have names of letters, digits, dots, hyphens and underscores, such as default,night";
        if (addresses.FirstOrDefault(address => !IsAddress(address)) is { } wrong)
            return $"--urls {wrong} was given; an address is http://HOST:PORT, such as {DefaultAddress}";
        if (Insecure || ApiKeys.Any(key => key.Length > 0))
            return null;
        string[] open = addresses.Where(address => !IsLoopback(address)).ToArray();
        return open.Length == 0
            ? null
            : $"{string.Join(", ", open)} can be reached from other machines, and no API keys are set. Give keys " +
              "(Bet:ApiKeys:0 in the configuration, Bet__ApiKeys__0 in the environment), or serve only this machine " +
              $"(--urls {DefaultAddress}), or say --insecure where something else guards the port.";
    }

    /// <summary>Where rows and blobs are.</summary>
    public StoragePlace Place(DataFolder folder) => new(
        folder, string.IsNullOrEmpty(Postgres) ? null : Postgres, S3?.Options());

    /// <summary>What the workers of this process do.</summary>
    public WorkerOptions Workers() => new()
    {
        Slots = Role == "api" ? 0 : Slots,
        Threads = Threads,
        Queues = QueueNames,
        StepAttempts = StepAttempts,
        SearchesPerKey = SearchesPerKey,
        Lease = TimeSpan.FromSeconds(LeaseSeconds),
        Keep = KeepDays > 0 ? TimeSpan.FromDays(KeepDays) : null,
        CheckpointInterval = TimeSpan.FromSeconds(CheckpointSeconds),
    };

    /// <summary>All addresses that the server would bind to.</summary>
    public static IEnumerable<string> Addresses(IConfiguration configuration)
    {
        string urls = configuration["urls"] is { Length: > 0 } given ? given : DefaultAddress;
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>();
        return urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Concat(endpoints);
    }

    private string[] QueueNames => Queues.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Describe(Type type) =>
        type == typeof(bool) ? "true or false" : type == typeof(double) ? "a number" : "a whole number";

    private static bool IsAddress(string address)
    {
        try
        {
            return BindingAddress.Parse(address) is { Scheme: "http" or "https", Port: >= 0 and <= ushort.MaxValue };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool IsLoopback(string address)
    {
        string host = BindingAddress.Parse(address).Host.Trim('[', ']');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
