namespace Bet.Engine.Data;

/// <summary>Collects the interactions that readers find, then merges repeats into an <see cref="InteractionSet"/>.</summary>
internal sealed class InteractionBuilder(int limit)
{
    private readonly IdMap users = new();
    private readonly IdMap items = new();
    private int[] userOf = new int[1024];
    private int[] itemOf = new int[1024];
    private long[] timestamps = [];
    private bool? hasTimestamps;
    private int? testStart;

    public int Count { get; private set; }

    /// <summary>Rows that a reader left out for their rating.</summary>
    public long BelowThreshold { get; set; }

    /// <summary>How the first file was understood.</summary>
    public DatasetReading? Reading { get; private set; }

    /// <summary>How the times of all files are written, where they are columns.</summary>
    public DelimitedTimes Times { get; } = new();

    /// <summary>Says how a file was understood; only the first counts.</summary>
    public void Understand(DatasetReading reading) => Reading ??= reading;

    /// <summary>What is added from here on belongs to the given test part.</summary>
    public void BeginTest() => testStart ??= Count;

    /// <summary>Says whether the file that is to be added has timestamps; false if another file differs.</summary>
    public bool AgreeOnTimestamps(bool present)
    {
        hasTimestamps ??= present;
        if (present && timestamps.Length == 0)
            timestamps = new long[userOf.Length];
        return hasTimestamps == present;
    }

    public int User(ReadOnlySpan<byte> id) => users.Add(id);

    public int Item(ReadOnlySpan<byte> id) => items.Add(id);

    /// <summary>Adds an interaction; false if the limit is reached.</summary>
    public bool TryAdd(int user, int item, long timestamp = 0)
    {
        if (Count == limit)
            return false;
        if (Count == userOf.Length)
            Grow();
        userOf[Count] = user;
        itemOf[Count] = item;
        if (timestamps.Length > 0)
            timestamps[Count] = timestamp;
        Count++;
        return true;
    }

    /// <summary>
    /// The set without repeats: of a repeated pair the first place is kept, and the earliest timestamp. A pair of the
    /// given test part that train has too is a repeat. The builder is empty afterwards.
    /// </summary>
    public InteractionSet Build()
    {
        var repeated = MarkRepeats(out int repeats);
        int kept = 0;
        int keptBeforeTest = 0;
        for (int i = 0; i < Count; i++)
        {
            if (i == testStart)
                keptBeforeTest = kept;
            if (repeated[i])
                continue;
            userOf[kept] = userOf[i];
            itemOf[kept] = itemOf[i];
            if (timestamps.Length > 0)
                timestamps[kept] = timestamps[i];
            kept++;
        }

        return new InteractionSet
        {
            UserIds = users.ToList(),
            ItemIds = items.ToList(),
            UserOf = Take(ref userOf, kept),
            ItemOf = Take(ref itemOf, kept),
            Timestamps = timestamps.Length > 0 ? Take(ref timestamps, kept) : null,
            TestStart = testStart is null ? null : testStart == Count ? kept : keptBeforeTest,
            Duplicates = repeats,
            BelowThreshold = BelowThreshold,
            Reading = Reading,
        };
    }

    /// <summary>One pass over the interactions by user; <c>first[item]</c> is where the current user first had it.</summary>
    private bool[] MarkRepeats(out int repeats)
    {
        var repeated = new bool[Count];
        var (offsets, order) = Grouping.By(userOf.AsSpan(0, Count), users.Count);
        var owner = new int[items.Count];
        Array.Fill(owner, -1);
        var first = new int[items.Count];
        repeats = 0;
        for (int user = 0; user < users.Count; user++)
        {
            for (int place = offsets[user]; place < offsets[user + 1]; place++)
            {
                int i = order[place];
                int item = itemOf[i];
                if (owner[item] != user)
                {
                    owner[item] = user;
                    first[item] = i;
                    continue;
                }

                repeated[i] = true;
                repeats++;
                if (timestamps.Length > 0)
                    timestamps[first[item]] = Math.Min(timestamps[first[item]], timestamps[i]);
            }
        }

        return repeated;
    }

    /// <summary>Hands over the first values and lets go of the rest, so that at most one array is there twice.</summary>
    private static T[] Take<T>(ref T[] values, int count)
    {
        var taken = values.Length == count ? values : values.AsSpan(0, count).ToArray();
        values = [];
        return taken;
    }

    private void Grow()
    {
        int capacity = (int)Math.Min(limit, 2L * Count);
        Array.Resize(ref userOf, capacity);
        Array.Resize(ref itemOf, capacity);
        if (timestamps.Length > 0)
            Array.Resize(ref timestamps, capacity);
    }
}
