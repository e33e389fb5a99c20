using Bet.Engine.Data;

namespace Bet.Tests.Backbones;

/// <summary>
/// Users like the items of their own parity. Each user's validation and test items are withheld from training, and a
/// recommender that understood the board finds them.
/// </summary>
internal static class Checkerboard
{
    public static PreparedDataset Create(int users, int items)
    {
        var train = Part(users, items, (user, item) => !Validates(user, item) && !Tests(user, item));
        return new PreparedDataset
        {
            UserIds = [.. Enumerable.Range(0, users).Select(user => $"u{user}")],
            ItemIds = [.. Enumerable.Range(0, items).Select(item => $"i{item}")],
            Train = train,
            Validation = Part(users, items, Validates),
            Test = Part(users, items, Tests),
            SplitHash = "checkerboard",
        };
    }

    private static bool Validates(int user, int item) => (item / 2 + user / 2) % 6 == 0;

    private static bool Tests(int user, int item) => (item / 2 + user / 2) % 6 == 1;

    private static Interactions Part(int users, int items, Func<int, int, bool> belongs)
    {
        var offsets = new int[users + 1];
        var all = new List<int>();
        for (int user = 0; user < users; user++)
        {
            all.AddRange(Enumerable.Range(0, items).Where(item => item % 2 == user % 2 && belongs(user, item)));
            offsets[user + 1] = all.Count;
        }

        return new Interactions(users, items, offsets, [.. all]);
    }
}
