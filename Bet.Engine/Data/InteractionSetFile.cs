namespace Bet.Engine.Data;

/// <summary>
/// An <see cref="InteractionSet"/> as a compact file: the same set gives the same bytes. Layout: header and number
/// coding of <see cref="PayloadWriter"/>; user ids, item ids, count, users, items, flag and timestamps, test start + 1
/// (0 for none), repeats, rows below the threshold.
/// </summary>
public static class InteractionSetFile
{
    private const uint Version = 1;

    private static ReadOnlySpan<byte> Magic => "BETI"u8;

    public static void Write(Stream stream, InteractionSet set) => PayloadWriter.Write(stream, Magic, Version, writer =>
    {
        writer.Strings(set.UserIds);
        writer.Strings(set.ItemIds);
        writer.Unsigned((ulong)set.Count);
        writer.Differences(set.UserOf);
        writer.Differences(set.ItemOf);
        writer.Unsigned(set.Timestamps is null ? 0UL : 1UL);
        if (set.Timestamps is not null)
            writer.Differences(set.Timestamps);
        writer.Unsigned(set.TestStart is { } start ? (ulong)start + 1 : 0UL);
        writer.Unsigned((ulong)set.Duplicates);
        writer.Unsigned((ulong)set.BelowThreshold);
    });

    /// <exception cref="InvalidDataException">Not such a file, cut off, changed or inconsistent.</exception>
    public static InteractionSet Read(Stream stream)
    {
        var reader = PayloadReader.Open(stream, Magic, Version);
        var userIds = reader.Strings("user ids");
        var itemIds = reader.Strings("item ids");
        int count = reader.Count("interactions");
        var userOf = reader.Differences(count, userIds.Count, "user");
        var itemOf = reader.Differences(count, itemIds.Count, "item");
        ulong timed = reader.Unsigned();
        if (timed > 1)
            throw new InvalidDataException($"the flag for timestamps is {timed}, neither 0 nor 1");
        var timestamps = timed == 1 ? reader.Differences(count, "timestamps") : null;
        ulong test = reader.Unsigned();
        if (test > (ulong)count + 1)
            throw new InvalidDataException($"the test part begins at {test - 1}, past the {count} interactions");
        ulong duplicates = reader.Unsigned();
        ulong below = reader.Unsigned();
        if (duplicates > long.MaxValue || below > long.MaxValue)
            throw new InvalidDataException("a count of left out rows has more than 63 bits");
        reader.End();
        return new InteractionSet
        {
            UserIds = userIds,
            ItemIds = itemIds,
            UserOf = userOf,
            ItemOf = itemOf,
            Timestamps = timestamps,
            TestStart = test == 0 ? null : (int)(test - 1),
            Duplicates = (long)duplicates,
            BelowThreshold = (long)below,
        };
    }
}
