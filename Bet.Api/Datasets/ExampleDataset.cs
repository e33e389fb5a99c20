using Bet.Engine.Data;

namespace Bet.Api.Datasets;

/// <summary>
/// A small data set to try things with: users and items belong to one of a few tastes, users mostly take items of their
/// own, and popularity falls with rank as in real data. Always the same.
/// </summary>
public static class ExampleDataset
{
    public const string Id = "example";
    private const int Users = 400;
    private const int Items = 300;
    private const int Tastes = 6;

    public static InteractionSet Make()
    {
        var random = new Random(20230224);
        var users = new List<int>();
        var items = new List<int>();
        for (int user = 0; user < Users; user++)
        {
            int count = 8 + (int)(40 * Math.Pow(random.NextDouble(), 3));
            var taken = new HashSet<int>();
            while (taken.Count < count)
            {
                // Squaring favours the first items of a taste: they are the popular ones.
                int rank = (int)(Items / Tastes * Math.Pow(random.NextDouble(), 2));
                int taste = random.NextDouble() < 0.85 ? user % Tastes : random.Next(Tastes);
                taken.Add((rank * Tastes) + taste);
            }

            users.AddRange(Enumerable.Repeat(user, count));
            items.AddRange(taken);
        }

        return Number(users, items);
    }

    /// <summary>Numbers items by first appearance, as reading a file would.</summary>
    private static InteractionSet Number(List<int> users, List<int> items)
    {
        var numbers = new Dictionary<int, int>();
        foreach (int item in items)
            numbers.TryAdd(item, numbers.Count);
        return new InteractionSet
        {
            UserIds = users.Distinct().Select(user => $"user-{user + 1}").ToArray(),
            ItemIds = numbers.OrderBy(pair => pair.Value).Select(pair => $"item-{pair.Key + 1}").ToArray(),
            UserOf = [.. users],
            ItemOf = items.Select(item => numbers[item]).ToArray(),
        };
    }
}
