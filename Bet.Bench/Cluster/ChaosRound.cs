using System.Diagnostics;

namespace Bet.Bench.Cluster;

/// <summary>What came of a round.</summary>
/// <param name="Seed">Of the disturbances.</param>
/// <param name="Kills">Workers killed.</param>
/// <param name="Leaves">Workers asked to end.</param>
/// <param name="Freezes">Workers stopped for longer than their lease, and let go on.</param>
/// <param name="Seconds">From the first search to the end of the last one.</param>
/// <param name="SlowestLeave">Seconds that a worker took to end when asked.</param>
/// <param name="Faults">What was wrong; empty where all was as it should be.</param>
public sealed record ChaosResult(
    int Seed, int Kills, int Leaves, int Freezes, double Seconds, double SlowestLeave, IReadOnlyList<string> Faults);

/// <summary>
/// Workers of one PostgreSQL are killed, asked to end and frozen, again and again, while they work on several searches;
/// every search must end with the artifacts of an undisturbed run, each step's result written once.
/// </summary>
/// <param name="postgres">How a server is reached, as Npgsql reads it.</param>
/// <param name="workers">Processes that work.</param>
/// <param name="searches">Searches at once, each with a seed of its own.</param>
public sealed class ChaosRound(string postgres, int workers, int searches)
{
    private static readonly TimeSpan LongestRound = TimeSpan.FromMinutes(10);

    private readonly ReferenceSearches reference = new(searches);

    /// <param name="seed">Of the disturbances.</param>
    /// <param name="cancel">Ends the round, and all that it started, in between.</param>
    public async Task<ChaosResult> Run(int seed, CancellationToken cancel = default)
    {
        await using var cluster = await TestCluster.Create(postgres, ReferenceSearches.Arguments);
        var api = await cluster.StartNode("--role", "api");
        var nodes = new ServerNode[workers];
        for (int i = 0; i < workers; i++)
            nodes[i] = await cluster.StartNode("--role", "worker");

        var clock = Stopwatch.StartNew();
        string[] ids = await reference.Begin(api);
        var (kills, leaves, freezes, slowest) = (0, 0, 0, TimeSpan.Zero);
        var random = new Random(seed);
        while (!await ReferenceSearches.AllEnded(api, ids) && clock.Elapsed < LongestRound)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.2 + (random.NextDouble() * 2)), cancel);
            int victim = random.Next(workers);
            var node = nodes[victim];
            switch (random.Next(3))
            {
                case 0:
                    node.Kill();
                    kills++;
                    break;
                case 1:
                    var took = await node.Leave();
                    slowest = took > slowest ? took : slowest;
                    leaves++;
                    break;
                default:
                    node.Freeze();
                    await Task.Delay(TimeSpan.FromSeconds(ReferenceSearches.LeaseSeconds * (1.2 + random.NextDouble())), cancel);
                    node.Thaw();
                    freezes++;
                    continue;
            }

            await node.DisposeAsync();
            nodes[victim] = await cluster.StartNode("--role", "worker");
        }

        double seconds = clock.Elapsed.TotalSeconds;
        var faults = await reference.Faults(api, ids);
        return new ChaosResult(seed, kills, leaves, freezes, Math.Round(seconds, 1), Math.Round(slowest.TotalSeconds, 2), faults);
    }
}
