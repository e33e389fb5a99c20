namespace Bet.Engine.Data;

/// <summary>How many interactions the users, or the items, of a data set have: nearest-rank quantiles.</summary>
public sealed record FrequencyQuantiles(
    int Minimum, int Quarter, int Median, int ThreeQuarters, int Percent90, int Percent99, int Maximum)
{
    /// <summary>Of the occurrences of each key in [0, <paramref name="count"/>).</summary>
    internal static FrequencyQuantiles Of(ReadOnlySpan<int> keys, int count)
    {
        if (count == 0)
            return new FrequencyQuantiles(0, 0, 0, 0, 0, 0, 0);
        var frequencies = new int[count];
        foreach (int key in keys)
            frequencies[key]++;
        Array.Sort(frequencies);
        int At(int percent) => frequencies[Math.Max(0, (int)(((percent * (long)count) + 99) / 100) - 1)];
        return new FrequencyQuantiles(At(0), At(25), At(50), At(75), At(90), At(99), At(100));
    }
}

/// <summary>What a data set holds, for people and for checks before a search.</summary>
public sealed record DatasetSummary
{
    public required int Users { get; init; }

    public required int Items { get; init; }

    /// <summary>Without repeats, train and test parts together.</summary>
    public required int Interactions { get; init; }

    /// <summary>Interactions of the given test part; 0 where there is none.</summary>
    public required int TestInteractions { get; init; }

    /// <summary>Repeats that were merged.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Rows left out because their rating was below the threshold.</summary>
    public required long BelowThreshold { get; init; }

    /// <summary>Interactions over users times items.</summary>
    public required double Density { get; init; }

    /// <summary>Interactions per user.</summary>
    public required FrequencyQuantiles PerUser { get; init; }

    /// <summary>Interactions per item.</summary>
    public required FrequencyQuantiles PerItem { get; init; }

    public required bool HasTimestamps { get; init; }

    public required bool HasTestPart { get; init; }

    /// <summary>How the files were understood; null where they are not known, as of data sets of earlier versions.</summary>
    public DatasetReading? Reading { get; init; }

    public static DatasetSummary Of(InteractionSet set)
    {
        double cells = (double)set.UserIds.Count * set.ItemIds.Count;
        return new DatasetSummary
        {
            Users = set.UserIds.Count,
            Items = set.ItemIds.Count,
            Interactions = set.Count,
            TestInteractions = set.Count - (set.TestStart ?? set.Count),
            Duplicates = set.Duplicates,
            BelowThreshold = set.BelowThreshold,
            Density = cells > 0 ? set.Count / cells : 0,
            PerUser = FrequencyQuantiles.Of(set.UserOf, set.UserIds.Count),
            PerItem = FrequencyQuantiles.Of(set.ItemOf, set.ItemIds.Count),
            HasTimestamps = set.Timestamps is not null,
            HasTestPart = set.TestStart is not null,
            Reading = set.Reading,
        };
    }
}
