using Bet.Engine.Data;
using Bet.Engine.Search;

namespace Bet.Bench.Measures;

/// <summary>What choosing table sizes is measured on: the data's frequencies, 90 % sparsity, d_max = 128.</summary>
internal sealed class SizesWorkload
{
    private const int MaximumSize = 128;

    private readonly Workload work;

    public SizesWorkload(Workload work)
    {
        this.work = work;
        var budget = MemoryBudget.From(
            new BudgetRequest(Sparsity: 0.9), work.Data.UserCount, work.Data.ItemCount, minimumSize: 1, MaximumSize);
        Sampler = new SizeSampler(budget, work.Seed);
    }

    public SizeSampler Sampler { get; }

    public TableSizes[] Draw(int count) => [.. Sampler.DrawMany(1, count, work.Threads).Select(draw => draw.Sizes)];

    public FitnessPredictor NewPredictor()
    {
        var (users, items) = Frequencies(work.Data.Train);
        return new FitnessPredictor(users, items, MaximumSize, work.Seed) { Threads = work.Threads };
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
