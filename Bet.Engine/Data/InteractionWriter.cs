using System.Buffers;
using System.Globalization;
using System.Text;

namespace Bet.Engine.Data;

/// <summary>Writes interactions as text that <see cref="DatasetReader"/> reads back. UTF-8, lines end in LF.</summary>
public static class InteractionWriter
{
    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\r\n");

    /// <summary>One row for each interaction, in order: user, item and, if there is one, timestamp.</summary>
    public static void WriteDelimited(InteractionSet set, Stream stream, char delimiter = ',', bool header = true)
    {
        using var writer = OpenWriter(stream);
        var users = Array.ConvertAll(set.UserIds, id => Quote(id, delimiter));
        var items = Array.ConvertAll(set.ItemIds, id => Quote(id, delimiter));
        if (header)
            writer.Write($"user{delimiter}item{(set.Timestamps is null ? "" : $"{delimiter}timestamp")}\n");
        for (int i = 0; i < set.Count; i++)
        {
            writer.Write(users[set.UserOf[i]]);
            writer.Write(delimiter);
            writer.Write(items[set.ItemOf[i]]);
            if (set.Timestamps is not null)
            {
                writer.Write(delimiter);
                writer.Write(set.Timestamps[i].ToString(CultureInfo.InvariantCulture));
            }

            writer.Write('\n');
        }
    }

    /// <summary>
    /// One line for each user: the user and the user's items, separated by spaces. With a part, only the interactions
    /// of that part of a set that came divided; users without any stand alone, and are left out of a test part.
    /// </summary>
    /// <exception cref="ArgumentException">An id holds a blank, or the part asked for is not there.</exception>
    public static void WriteAdjacency(InteractionSet set, Stream stream, FilePart part = FilePart.All)
    {
        if (part != FilePart.All && set.TestStart is null)
            throw new ArgumentException("The data set is not divided into train and test.", nameof(part));
        foreach (string id in set.UserIds.Concat(set.ItemIds))
        {
            if (id.AsSpan().ContainsAny(Blanks))
                throw new ArgumentException($"Id '{id}' holds a blank and cannot stand in an adjacency list.");
        }

        int first = part == FilePart.Test ? set.TestStart!.Value : 0;
        int end = part == FilePart.Train ? set.TestStart!.Value : set.Count;
        var (offsets, order) = Grouping.By(set.UserOf.AsSpan(first..end), set.UserIds.Length);
        using var writer = OpenWriter(stream);
        for (int user = 0; user < set.UserIds.Length; user++)
        {
            if (part == FilePart.Test && offsets[user] == offsets[user + 1])
                continue;
            writer.Write(set.UserIds[user]);
            foreach (int place in order.AsSpan(offsets[user]..offsets[user + 1]))
            {
                writer.Write(' ');
                writer.Write(set.ItemIds[set.ItemOf[first + place]]);
            }

            writer.Write('\n');
        }
    }

    private static StreamWriter OpenWriter(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true);

    private static string Quote(string id, char delimiter) =>
        id.Contains(delimiter) || id.AsSpan().ContainsAny("\"\r\n")
            ? $"\"{id.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : id;
}
