using System.Buffers;

namespace Bet.Engine.Data;

/// <summary>Writes interactions as text that <see cref="DatasetReader"/> reads back. UTF-8, lines end in LF.</summary>
public static class InteractionWriter
{
    private const byte Quote = (byte)'"';
    private const byte LineEnd = (byte)'\n';
    private const byte Separator = (byte)',';

    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t\r\n"u8);

    /// <summary>One row for each interaction, in order: user, item and, if there is one, timestamp.</summary>
    /// <exception cref="ArgumentException">The delimiter is not ASCII.</exception>
    public static void WriteDelimited(InteractionSet set, Stream stream, char delimiter = ',', bool header = true)
    {
        if (!char.IsAscii(delimiter))
            throw new ArgumentException($"The delimiter '{delimiter}' is not ASCII.", nameof(delimiter));
        using var writer = new Utf8Writer(stream);
        var quoted = SearchValues.Create([(byte)delimiter, Quote, (byte)'\r', LineEnd]);
        byte separator = (byte)delimiter;
        if (header)
            WriteHeader(writer, separator, set.Timestamps is not null);
        for (int i = 0; i < set.Count; i++)
        {
            WriteField(writer, set.UserIds.Utf8(set.UserOf[i]), quoted);
            writer.Write(separator);
            WriteField(writer, set.ItemIds.Utf8(set.ItemOf[i]), quoted);
            if (set.Timestamps is not null)
            {
                writer.Write(separator);
                writer.Write(set.Timestamps[i]);
            }

            writer.Write(LineEnd);
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
        CheckBlanks(set.UserIds);
        CheckBlanks(set.ItemIds);
        int first = part == FilePart.Test ? set.TestStart!.Value : 0;
        int end = part == FilePart.Train ? set.TestStart!.Value : set.Count;
        var (offsets, order) = Grouping.By(set.UserOf.AsSpan(first..end), set.UserIds.Count);
        using var writer = new Utf8Writer(stream);
        for (int user = 0; user < set.UserIds.Count; user++)
        {
            if (part == FilePart.Test && offsets[user] == offsets[user + 1])
                continue;
            writer.Write(set.UserIds.Utf8(user));
            foreach (int place in order.AsSpan(offsets[user]..offsets[user + 1]))
            {
                writer.Write((byte)' ');
                writer.Write(set.ItemIds.Utf8(set.ItemOf[first + place]));
            }

            writer.Write(LineEnd);
        }
    }

    /// <summary>One row for each interaction: user, item and the part it is in, train, validation or test; user by user in each part.</summary>
    public static void WriteSplit(PreparedDataset split, Stream stream)
    {
        using var writer = new Utf8Writer(stream);
        var quoted = SearchValues.Create([Separator, Quote, (byte)'\r', LineEnd]);
        writer.Write("user,item,part\n"u8);
        Write(split.Train, ",train\n"u8);
        Write(split.Validation, ",validation\n"u8);
        Write(split.Test, ",test\n"u8);

        void Write(Interactions part, ReadOnlySpan<byte> end)
        {
            for (int user = 0; user < part.UserCount; user++)
            {
                foreach (int item in part.Of(user))
                {
                    WriteField(writer, split.UserIds.Utf8(user), quoted);
                    writer.Write(Separator);
                    WriteField(writer, split.ItemIds.Utf8(item), quoted);
                    writer.Write(end);
                }
            }
        }
    }

    internal static void WriteHeader(Utf8Writer writer, byte separator, bool timed)
    {
        writer.Write("user"u8);
        writer.Write(separator);
        writer.Write("item"u8);
        if (timed)
        {
            writer.Write(separator);
            writer.Write("timestamp"u8);
        }

        writer.Write(LineEnd);
    }

    private static void CheckBlanks(IdList ids)
    {
        for (int number = 0; number < ids.Count; number++)
        {
            if (ids.Utf8(number).ContainsAny(Blanks))
                throw new ArgumentException($"Id '{ids[number]}' holds a blank and cannot stand in an adjacency list.");
        }
    }

    /// <summary>A field, quoted as in RFC 4180 where it holds what would end it, or begins or ends with a space.</summary>
    private static void WriteField(Utf8Writer writer, ReadOnlySpan<byte> id, SearchValues<byte> quoted)
    {
        if (!id.ContainsAny(quoted) && id.Trim((byte)' ').Length == id.Length)
        {
            writer.Write(id);
            return;
        }

        writer.Write(Quote);
        foreach (byte value in id)
        {
            if (value == Quote)
                writer.Write(Quote);
            writer.Write(value);
        }

        writer.Write(Quote);
    }
}
