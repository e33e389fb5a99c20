using Bet.Engine.Data;

namespace Bet.Engine.Clicks;

/// <summary>
/// A <see cref="PreparedClicks"/> as a compact file: the same data give the same bytes. A head and then the blocks of the
/// three parts, as in <see cref="ClickSetFile"/>. Head: names of numbers; names, means and deviations of their scales;
/// names of fields; ids and frequencies of each field; counts of train, validation and test; split hash. Block: its
/// first sample counted over all parts, then for each sample label, numbers (4 bytes each) and categories.
/// </summary>
public static class PreparedClicksFile
{
    private const uint Version = 1;
    private const int BlockRows = ClickSetFile.BlockRows;

    private static ReadOnlySpan<byte> Magic => "BETQ"u8;

    private static ReadOnlySpan<byte> BlockMagic => "BETq"u8;

    public static void Write(Stream stream, PreparedClicks clicks)
    {
        ClickRows[] parts = [clicks.Train, clicks.Validation, clicks.Test];
        PayloadWriter.Write(stream, Magic, Version, writer =>
        {
            writer.Strings([.. clicks.NumberNames]);
            writer.Strings([.. clicks.Scales.Select(scale => scale.Name)]);
            foreach (var scale in clicks.Scales)
            {
                writer.Double(scale.Mean);
                writer.Double(scale.Deviation);
            }

            writer.Strings([.. clicks.Fields.Select(field => field.Name)]);
            foreach (var field in clicks.Fields)
            {
                writer.Strings(field.Ids);
                writer.Unsigned((ulong)field.Frequencies.Length);
                writer.Differences(field.Frequencies);
            }

            foreach (var part in parts)
                writer.Unsigned((ulong)part.Count);
            writer.Strings([clicks.SplitHash]);
        });
        long before = 0;
        foreach (var part in parts)
        {
            for (int first = 0; first < part.Count; first += BlockRows)
            {
                PayloadWriter.Write(stream, BlockMagic, Version, writer =>
                {
                    writer.Unsigned((ulong)(before + first));
                    WriteBlock(writer, clicks, part, first);
                });
            }

            before += part.Count;
        }
    }

    /// <exception cref="InvalidDataException">Not such a file, cut off, changed or inconsistent.</exception>
    public static PreparedClicks Read(Stream stream)
    {
        var reader = PayloadReader.Open(stream, Magic, Version);
        var numberNames = reader.Strings("names of numbers");
        var scales = ReadScales(ref reader, numberNames);
        var fields = ReadFields(ref reader);
        Span<int> counts = stackalloc int[3];
        foreach (ref int count in counts)
        {
            count = (int)Math.Min(reader.Unsigned(), (ulong)Array.MaxLength + 1);
            if ((long)count * Math.Max(1, Math.Max(numberNames.Count, fields.Length)) > Array.MaxLength)
                throw new InvalidDataException($"{count} samples are more than a part can have");
        }

        var hash = reader.Strings("split hashes");
        reader.End();
        long before = 0;
        var clicks = new PreparedClicks
        {
            NumberNames = [.. numberNames],
            Scales = scales,
            Fields = fields,
            Train = ReadPart(stream, counts[0], numberNames.Count, fields, ref before),
            Validation = ReadPart(stream, counts[1], numberNames.Count, fields, ref before),
            Test = ReadPart(stream, counts[2], numberNames.Count, fields, ref before),
            SplitHash = hash.Count == 1 ? hash[0] : "",
        };
        return clicks.SplitHash == ClickSplitHash.Of(clicks)
            ? clicks
            : throw new InvalidDataException("the split hash in the file is not that of its numbering and parts");
    }

    private static void WriteBlock(PayloadWriter writer, PreparedClicks clicks, ClickRows part, int first)
    {
        var (numbers, fields) = (clicks.NumberNames.Count, clicks.Fields.Count);
        for (int row = first; row < Math.Min(first + BlockRows, part.Count); row++)
        {
            writer.Unsigned(part.Labels[row]);
            foreach (float number in part.Numbers.AsSpan(row * numbers, numbers))
                writer.Single(number);
            foreach (int category in part.Categories.AsSpan(row * fields, fields))
                writer.Unsigned((ulong)category);
        }
    }

    private static NumberScale[] ReadScales(ref PayloadReader reader, IdList numberNames)
    {
        var names = reader.Strings("names of scales");
        if (names.Count > 0 && !names.SequenceEqual(numberNames))
            throw new InvalidDataException("the scales are not those of the numbers");
        var scales = new NumberScale[names.Count];
        for (int i = 0; i < scales.Length; i++)
        {
            scales[i] = new NumberScale(names[i], reader.Double("a mean"), reader.Double("a deviation"));
            if (scales[i].Deviation <= 0)
                throw new InvalidDataException($"the deviation of {names[i]} is {scales[i].Deviation}, not above 0");
        }

        return scales;
    }

    private static PreparedField[] ReadFields(ref PayloadReader reader)
    {
        var names = reader.Strings("names of fields");
        var fields = new PreparedField[names.Count];
        for (int i = 0; i < fields.Length; i++)
        {
            var ids = reader.Strings("ids of a field");
            int categories = reader.Count("frequencies");
            if (categories == 0 || (ids.Count > 0 && ids.Count != categories - 1))
                throw new InvalidDataException($"field {names[i]} has {ids.Count} ids and {categories} frequencies");
            fields[i] = new PreparedField(names[i], ids, reader.Differences(categories, int.MaxValue, "frequency"));
        }

        return fields;
    }

    private static ClickRows ReadPart(Stream stream, int count, int width, PreparedField[] fields, ref long before)
    {
        var labels = new RowChunks<byte>(1);
        var numbers = new RowChunks<float>(width);
        var categories = new RowChunks<int>(fields.Length);
        for (int first = 0; first < count; first += BlockRows)
        {
            var block = PayloadReader.Open(stream, BlockMagic, Version);
            if (block.Unsigned() != (ulong)(before + first))
                throw new InvalidDataException($"the block that begins with sample {before + first} is not in its place");
            for (int row = first; row < Math.Min(first + BlockRows, count); row++)
            {
                labels.Add()[0] = ClickSetFile.ReadLabel(ref block);
                foreach (ref float number in numbers.Add())
                    number = block.Single("a number");
                var own = categories.Add();
                for (int field = 0; field < own.Length; field++)
                {
                    ulong category = block.Unsigned();
                    if (category >= (ulong)fields[field].Categories)
                        throw new InvalidDataException($"category {category} of {fields[field].Name} is not in [0, {fields[field].Categories})");
                    own[field] = (int)category;
                }
            }

            block.End();
        }

        before += count;
        return new ClickRows(labels.Take(), numbers.Take(), categories.Take());
    }
}
