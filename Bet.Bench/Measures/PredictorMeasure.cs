using Bet.Engine.Data;
using Bet.Engine.Search;

namespace Bet.Bench.Measures;

/// <summary>Predicts the fitness of 200 actions at 90 % sparsity. The peer's weights are its own: only time compares.</summary>
public static class PredictorMeasure
{
    private const int Actions = 2_000;
    private const int MaximumSize = 128;

    public static Measure Measure { get; } = new("predictor", "actions whose fitness is predicted a second", Cases);

    private static IEnumerable<MeasureCase> Cases(Workload work)
    {
        var data = work.Data;
        var budget = MemoryBudget.From(
            new BudgetRequest(Sparsity: 0.9), data.UserCount, data.ItemCount, minimumSize: 1, MaximumSize);
        var sampler = new SizeSampler(budget, work.Seed);
        TableSizes[] actions = [.. Enumerable.Range(0, Actions).Select(i => sampler.Draw(1, i).Sizes)];
        var (users, items) = Frequencies(data.Train);
        var predictor = new FitnessPredictor(users, items, MaximumSize, work.Seed);
        using var measured = new MeasureCase("predictor")
        {
            Ours = () =>
            {
                predictor.Score(actions, work.Threads);
                return null;
            },
            Detail = ms => $"{work.Source}: {Actions} actions over {data.EntityCount} entities, "
                + $"{Actions / ms * 1e3:F0} actions a second",
            PeerScript = "torch_predictor.py",
            PeerArguments = work.PeerArguments("--graph", work.GraphFile, "--batch", $"{Actions}"),
        };
        yield return measured;
    }

    private static (int[] Users, int[] Items) Frequencies(Interactions train)
    {
        var users = new int[train.UserCount];
        var items = new int[train.ItemCount];
        for (int user = 0; user < train.UserCount; user++)
            users[user] = train.Of(user).Length;
        foreach (int item in train.Items)
            items[item]++;
        // The few interactions put back into train may have changed the order by a place.
        users.AsSpan().Sort((a, b) => b.CompareTo(a));
        items.AsSpan().Sort((a, b) => b.CompareTo(a));
        return (users, items);
    }
}
