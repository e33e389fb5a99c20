namespace Bet.Engine.Data;

/// <summary>
/// A <see cref="PreparedDataset"/> as a compact file: the same split gives the same bytes. Layout: header and number
/// coding of <see cref="PayloadWriter"/>; user ids, item ids, split hash, rows of train, validation and test.
/// </summary>
public static class PreparedDatasetFile
{
    private const uint Version = 1;

    private static ReadOnlySpan<byte> Magic => "BETP"u8;

    public static void Write(Stream stream, PreparedDataset dataset) => PayloadWriter.Write(stream, Magic, Version, writer =>
    {
        writer.Strings(dataset.UserIds);
        writer.Strings(dataset.ItemIds);
        writer.Strings([dataset.SplitHash]);
        writer.Rows(dataset.Train);
        writer.Rows(dataset.Validation);
        writer.Rows(dataset.Test);
    });

    /// <exception cref="InvalidDataException">Not such a file, cut off, changed or inconsistent.</exception>
    public static PreparedDataset Read(Stream stream)
    {
        var reader = PayloadReader.Open(stream, Magic, Version);
        var userIds = reader.Strings("user ids");
        var itemIds = reader.Strings("item ids");
        var hash = reader.Strings("split hashes");
        var train = reader.Rows(userIds.Count, itemIds.Count, "train");
        var validation = reader.Rows(userIds.Count, itemIds.Count, "validation");
        var test = reader.Rows(userIds.Count, itemIds.Count, "test");
        reader.End();
        string expected = SplitHash.Of(userIds, itemIds, train, validation, test);
        if (hash.Count != 1 || hash[0] != expected)
            throw new InvalidDataException("the split hash in the file is not that of its ids and parts");
        return new PreparedDataset
        {
            UserIds = userIds,
            ItemIds = itemIds,
            Train = train,
            Validation = validation,
            Test = test,
            SplitHash = expected,
        };
    }
}
