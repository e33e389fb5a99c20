using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>
/// A <see cref="ClickSet"/> as a compact file: the same set gives the same bytes. A head and then blocks of
/// <see cref="BlockRows"/> samples, each with header, checksum and number coding of <see cref="PayloadWriter"/>, so
/// that a file may be larger than an array. Head: names of numbers, names of fields, ids of each field, count, flag for
/// times, test start + 1 (0 for none). Block: its first sample, then for each sample label, numbers, categories; then
/// the times. A number is 0 if missing, 1 and 4 bytes, or, if whole, itself zigzag + 2.
/// </summary>
public static class ClickSetFile
{
    internal const int BlockRows = 1 << 16;

    private const uint Version = 1;

    /// <summary>Whole numbers up to it are exact in single precision.</summary>
    private const float MostWhole = 1 << 24;

    private static ReadOnlySpan<byte> Magic => "BETC"u8;

    private static ReadOnlySpan<byte> BlockMagic => "BETc"u8;

    public static void Write(Stream stream, ClickSet set)
    {
        PayloadWriter.Write(stream, Magic, Version, writer =>
        {
            writer.Strings([.. set.NumberNames]);
            writer.Strings([.. set.FieldNames]);
            foreach (var ids in set.Ids)
                writer.Strings(ids);
            writer.Unsigned((ulong)set.Count);
            writer.Unsigned(set.Times is null ? 0UL : 1UL);
            writer.Unsigned(set.TestStart is { } start ? (ulong)start + 1 : 0UL);
        });
        for (int first = 0; first < set.Count; first += BlockRows)
            PayloadWriter.Write(stream, BlockMagic, Version, writer => WriteBlock(writer, set, first));
    }

    /// <exception cref="InvalidDataException">Not such a file, cut off, changed or inconsistent.</exception>
    public static ClickSet Read(Stream stream)
    {
        var reader = PayloadReader.Open(stream, Magic, Version);
        var numberNames = reader.Strings("names of numbers");
        var fieldNames = reader.Strings("names of fields");
        var ids = new IdList[fieldNames.Count];
        for (int field = 0; field < ids.Length; field++)
            ids[field] = reader.Strings("ids of a field");
        int count = (int)Math.Min(reader.Unsigned(), (ulong)Array.MaxLength + 1);
        if ((long)count * Math.Max(1, Math.Max(numberNames.Count, ids.Length)) > Array.MaxLength)
            throw new InvalidDataException($"{count} samples are more than a set can have");
        ulong timed = reader.Unsigned();
        if (timed > 1)
            throw new InvalidDataException($"the flag for times is {timed}, neither 0 nor 1");
        ulong test = reader.Unsigned();
        if (test > (ulong)count + 1)
            throw new InvalidDataException($"the test part begins at {test - 1}, past the {count} samples");
        reader.End();
        var labels = new RowChunks<byte>(1);
        var numbers = new RowChunks<float>(numberNames.Count);
        var categories = new RowChunks<int>(ids.Length);
        var times = new RowChunks<long>(1);
        for (int first = 0; first < count; first += BlockRows)
        {
            var block = PayloadReader.Open(stream, BlockMagic, Version);
            if (block.Unsigned() != (ulong)first)
                throw new InvalidDataException($"the block that begins with sample {first} is not in its place");
            int rows = Math.Min(BlockRows, count - first);
            for (int row = 0; row < rows; row++)
            {
                labels.Add()[0] = ReadLabel(ref block);
                foreach (ref float number in numbers.Add())
                    number = ReadNumber(ref block);
                ReadCategories(ref block, categories.Add(), ids);
            }

            if (timed == 1)
            {
                foreach (long time in block.Differences(rows, "times"))
                    times.Add()[0] = time;
            }

            block.End();
        }

        return new ClickSet
        {
            NumberNames = [.. numberNames],
            FieldNames = [.. fieldNames],
            Labels = labels.Take(),
            Numbers = numbers.Take(),
            Categories = categories.Take(),
            Ids = ids,
            Times = timed == 1 ? times.Take() : null,
            TestStart = test == 0 ? null : (int)(test - 1),
        };
    }

    internal static byte ReadLabel(ref PayloadReader reader)
    {
        ulong label = reader.Unsigned();
        return label <= 1 ? (byte)label : throw new InvalidDataException($"a label is {label}, neither 0 nor 1");
    }

    private static void WriteBlock(PayloadWriter writer, ClickSet set, int first)
    {
        int end = Math.Min(first + BlockRows, set.Count);
        writer.Unsigned((ulong)first);
        for (int row = first; row < end; row++)
        {
            writer.Unsigned(set.Labels[row]);
            foreach (float number in set.Numbers.AsSpan(row * set.NumberNames.Count, set.NumberNames.Count))
                WriteNumber(writer, number);
            foreach (int category in set.Categories.AsSpan(row * set.FieldNames.Count, set.FieldNames.Count))
                writer.Unsigned((ulong)category);
        }

        if (set.Times is not null)
            writer.Differences(set.Times.AsSpan(first, end - first));
    }

    private static void WriteNumber(PayloadWriter writer, float number)
    {
        long whole = Math.Abs(number) <= MostWhole ? (long)number : 0;
        if (float.IsNaN(number))
        {
            writer.Unsigned(0);
        }
        else if (BitConverter.SingleToUInt32Bits(whole) == BitConverter.SingleToUInt32Bits(number))
        {
            writer.Unsigned((ulong)((whole << 1) ^ (whole >> 63)) + 2);
        }
        else
        {
            writer.Unsigned(1);
            writer.Single(number);
        }
    }

    private static float ReadNumber(ref PayloadReader reader)
    {
        ulong code = reader.Unsigned();
        if (code < 2)
            return code == 0 ? float.NaN : reader.Single("a number");
        long whole = (long)((code - 2) >> 1) ^ -(long)((code - 2) & 1);
        return Math.Abs((float)whole) <= MostWhole
            ? whole
            : throw new InvalidDataException($"a whole number is {whole}, more than is written so");
    }

    private static void ReadCategories(ref PayloadReader reader, Span<int> categories, IdList[] ids)
    {
        for (int field = 0; field < categories.Length; field++)
        {
            ulong category = reader.Unsigned();
            if (category >= (ulong)ids[field].Count)
                throw new InvalidDataException($"category {category} of field {field} is not in [0, {ids[field].Count})");
            categories[field] = (int)category;
        }
    }
}
