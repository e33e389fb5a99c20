using System.Numerics;

namespace Bet.Engine.Data;

/// <summary>How large the generated data set is.</summary>
/// <param name="Users">Every one of them has interactions.</param>
/// <param name="Items">Items to choose from; one that nobody happens to choose is not in the set.</param>
/// <param name="Interactions">Exactly so many; at least one a user, at most half the items for each user.</param>
/// <param name="Seed">Same options, same data.</param>
public sealed record SyntheticOptions(int Users, int Items, int Interactions, ulong Seed = 0)
{
    /// <exception cref="ArgumentException">The numbers do not fit together; the message says how they would.</exception>
    public void Validate()
    {
        if (Users < 1 || Items < 2)
            throw new ArgumentException($"At least 1 user and 2 items are needed, not {Users} and {Items}.");
        long most = (long)Users * (Items / 2);
        if (Interactions < Users || Interactions > most)
        {
            throw new ArgumentException(
                $"{Users} users and {Items} items can have {Users} to {most} interactions, not {Interactions}.");
        }
    }
}

/// <summary>One user's interactions, in the order in which they came about; the spans are valid during the call.</summary>
/// <param name="user">Counted from 0.</param>
/// <param name="items">Different from each other.</param>
/// <param name="timestamps">Rising seconds since 1970, one for each item; empty where none were asked for.</param>
public delegate void SyntheticUser(int user, ReadOnlySpan<int> items, ReadOnlySpan<long> timestamps);

/// <summary>
/// Generates interactions that look like a shop's.
/// <list type="bullet">
/// <item>Item popularity is Zipf-Mandelbrot: the item of rank r = 0, 1, ... has weight (r + 10)^-0.8.</item>
/// <item>User activity is log-normal with sigma 1, scaled to the number of interactions asked for, between 5 (or what
/// the average allows) and half the items.</item>
/// <item>Items belong to genres of about 20, at most 400 genres. A user's taste and every genre have a normal vector of
/// 6; a genre is chosen by the softmax of 3 / sqrt(6) times their inner product, the item in it by popularity. One
/// interaction in ten follows popularity alone. So collaborative filtering has something to find which popularity
/// does not show.</item>
/// <item>The first 4096 users have a taste of their own, each later one that of one of them.</item>
/// </list>
/// Users come one after the other, so memory is about 64 bytes an item and 20 a user, whatever the interactions.
/// </summary>
public static class SyntheticData
{
    private const double TastelessShare = 0.1;

    /// <summary>Draws for one interaction before any item that the user does not have yet is taken.</summary>
    private const int Attempts = 30;
    private const long FirstSecond = 1_600_000_000;
    private const double Day = 86_400;

    /// <summary>All interactions in memory; 8 bytes each, and 8 more for timestamps.</summary>
    /// <exception cref="ArgumentException">The numbers do not fit together.</exception>
    public static InteractionSet Generate(SyntheticOptions options, bool timed = true)
    {
        options.Validate();
        var collected = new SyntheticSet(options, timed);
        ForEachUser(options, timed, collected.Add);
        return collected.ToSet();
    }

    /// <summary>
    /// The same interactions as text, as <see cref="InteractionWriter.WriteDelimited"/> would write them, without ever
    /// holding them. Returns how many different items occur.
    /// </summary>
    /// <exception cref="ArgumentException">The numbers do not fit together.</exception>
    public static int WriteDelimited(SyntheticOptions options, Stream stream)
    {
        const byte separator = (byte)',';
        options.Validate();
        var occurs = new bool[options.Items];
        using var writer = new Utf8Writer(stream);
        InteractionWriter.WriteHeader(writer, separator, timed: true);
        ForEachUser(options, timed: true, (user, items, timestamps) =>
        {
            for (int i = 0; i < items.Length; i++)
            {
                occurs[items[i]] = true;
                writer.Write(user + 1L);
                writer.Write(separator);
                writer.Write(items[i] + 1L);
                writer.Write(separator);
                writer.Write(timestamps[i]);
                writer.Write((byte)'\n');
            }
        });
        return occurs.AsSpan().Count(true);
    }

    /// <summary>Generates user after user.</summary>
    /// <param name="options">What is generated.</param>
    /// <param name="timed">Whether there are timestamps; the items are the same with and without.</param>
    /// <param name="visit">Called for every user, in order.</param>
    /// <exception cref="ArgumentException">The numbers do not fit together.</exception>
    public static void ForEachUser(SyntheticOptions options, bool timed, SyntheticUser visit)
    {
        options.Validate();
        var genres = new SyntheticGenres(options);
        var tastes = new SyntheticTastes(options, genres.Count);
        int[] activity = SyntheticActivity.Of(options);
        int most = activity.Max();
        var items = new int[most];
        var timestamps = new long[timed ? most : 0];
        var owned = new OwnedItems(most);
        for (int user = 0; user < activity.Length; user++)
        {
            int count = activity[user];
            var taste = tastes.Of(user, out var draws);
            owned.Clear(count);
            double time = FirstSecond + (draws.Uniform() * 1000 * Day);
            for (int i = 0; i < count; i++)
            {
                items[i] = Choose(ref draws, genres, taste, owned);
                double wait = draws.Uniform();
                if (timed)
                    timestamps[i] = (long)(time += 1 - (Math.Log(1 - wait) * Day));
            }

            visit(user, items.AsSpan(0, count), timed ? timestamps.AsSpan(0, count) : []);
        }
    }

    private static int Choose(
        ref SequentialDraws draws, SyntheticGenres genres, ReadOnlySpan<double> taste, OwnedItems owned)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int item = draws.Uniform() < TastelessShare
                ? genres.AnyItem(draws.Uniform())
                : genres.ItemOf(SyntheticGenres.Find(taste, draws.Uniform()), draws.Uniform());
            if (owned.TryAdd(item))
                return item;
        }

        int other = (int)(draws.Uniform() * genres.Items);
        while (!owned.TryAdd(other))
            other = (other + 1) % genres.Items;
        return other;
    }

    /// <summary>The items of the current user: a hash set with open addressing, small enough for the first cache.</summary>
    private sealed class OwnedItems(int most)
    {
        /// <summary>Item + 1, or 0 where free.</summary>
        private readonly int[] slots = new int[Slots(most)];
        private int mask;

        /// <summary>Empties the set for a user of so many items.</summary>
        public void Clear(int count)
        {
            mask = Slots(count) - 1;
            slots.AsSpan(0, mask + 1).Clear();
        }

        public bool TryAdd(int item)
        {
            int slot = (int)(((uint)item * 0x9E3779B1) >> 7) & mask;
            for (; slots[slot] != 0; slot = (slot + 1) & mask)
            {
                if (slots[slot] == item + 1)
                    return false;
            }

            slots[slot] = item + 1;
            return true;
        }

        private static int Slots(int count) => (int)BitOperations.RoundUpToPowerOf2(2u * (uint)count);
    }

    /// <summary>Collects the interactions and numbers items by first appearance.</summary>
    private sealed class SyntheticSet(SyntheticOptions options, bool timed)
    {
        private readonly int[] userOf = new int[options.Interactions];
        private readonly int[] itemOf = new int[options.Interactions];
        private readonly long[]? timestamps = timed ? new long[options.Interactions] : null;
        private readonly int[] numberOf = new int[options.Items];
        private readonly int[] itemOfNumber = new int[options.Items];
        private int items;
        private int count;

        public void Add(int user, ReadOnlySpan<int> chosen, ReadOnlySpan<long> times)
        {
            times.CopyTo(timestamps.AsSpan(timed ? count : 0));
            userOf.AsSpan(count, chosen.Length).Fill(user);
            foreach (int item in chosen)
            {
                if (numberOf[item] == 0)
                {
                    itemOfNumber[items++] = item;
                    numberOf[item] = items;
                }

                itemOf[count++] = numberOf[item] - 1;
            }
        }

        public InteractionSet ToSet()
        {
            var users = new int[options.Users];
            for (int user = 0; user < users.Length; user++)
                users[user] = user;
            return new InteractionSet
            {
                UserIds = IdList.CountingFromOne(users),
                ItemIds = IdList.CountingFromOne(itemOfNumber.AsSpan(0, items)),
                UserOf = userOf,
                ItemOf = itemOf,
                Timestamps = timestamps,
            };
        }
    }
}
