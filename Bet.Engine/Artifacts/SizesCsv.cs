using System.Globalization;

namespace Bet.Engine.Artifacts;

/// <summary>
/// sizes.csv: <c>side,row,id,frequency,size,bucket</c>, one line a row of the table, users first; the size is the number of
/// values that the row is read with, of its own or composed of shared ones, and the bucket, mostly empty, is the number of the
/// vector that it shares with its neighbours in rank. Quoted as in RFC 4180, lines
/// end with a line feed alone, numbers are written without regard to the machine's culture.
/// </summary>
public static class SizesCsv
{
    /// <summary>The file's name among the artifacts.</summary>
    public const string Name = "sizes.csv";

    /// <summary>Writes the sizes of a trained table.</summary>
    public static void Write(Stream stream, TrainedTable trained)
    {
        using StreamWriter writer = TextFile.Writer(stream);
        writer.Write("side,row,id,frequency,size,bucket\n");
        WriteSide(writer, "user", trained.Table.Users, trained.UserIds, trained.UserFrequencies);
        WriteSide(writer, "item", trained.Table.Items, trained.ItemIds, trained.ItemFrequencies);
    }

    private static void WriteSide(
        StreamWriter writer, string side, PackedSide packed, IReadOnlyList<string> ids, IReadOnlyList<int> frequencies)
    {
        for (int row = 0; row < packed.Rows; row++)
        {
            writer.Write(string.Create(
                CultureInfo.InvariantCulture, $"{side},{row},{Quote(ids[row])},{frequencies[row]},{packed.SizeOf(row)},{packed.BucketOf(row)}\n"));
        }
    }

    private static string Quote(string field) => field.AsSpan().IndexOfAny(",\"\r\n") < 0
        ? field
        : $"\"{field.Replace("\"", "\"\"")}\"";
}
