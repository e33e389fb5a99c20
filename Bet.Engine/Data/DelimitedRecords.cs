using System.Text;

namespace Bet.Engine.Data;

/// <summary>The records of a delimited file that are not empty lines, split; one can go over several lines.</summary>
internal sealed class DelimitedRecords(ByteLines lines, char delimiter)
{
    private readonly DelimitedRecord record = new((byte)delimiter);

    /// <summary>Columns of the current record.</summary>
    public int Count => record.Count;

    /// <summary>The next record, valid until the next call; false at the end.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        while (lines.TryRead(out line))
        {
            if (line.IsEmpty)
                continue;
            var state = record.Split(line);
            if (state == RecordState.OpenQuote)
                state = ExtendToClosingQuote(ref line);
            if (state == RecordState.TextAfterQuote)
            {
                throw lines.Error(
                    $"{DelimitedReader.Name(delimiter)} or the line's end after a closing quote",
                    DataFormatException.Quote(line));
            }

            return true;
        }

        return false;
    }

    /// <summary>The content of a field of the current record, valid until the next call.</summary>
    public ReadOnlySpan<byte> Field(ReadOnlySpan<byte> line, int column) => record.Field(line, column);

    /// <summary>All fields of the current record.</summary>
    public string[] Texts(ReadOnlySpan<byte> line)
    {
        var texts = new string[record.Count];
        for (int column = 0; column < texts.Length; column++)
            texts[column] = Encoding.UTF8.GetString(record.Field(line, column));
        return texts;
    }

    /// <exception cref="DataFormatException">The current record has another number of columns.</exception>
    public void Demand(int columns, ReadOnlySpan<byte> line)
    {
        if (record.Count == columns)
            return;
        throw lines.Error(
            $"{columns} columns separated by {DelimitedReader.Name(delimiter)}",
            $"{record.Count}: {DataFormatException.Quote(line)}");
    }

    /// <summary>
    /// Joins lines up to the next one with an odd number of quotes: in a well-formed file the open field, or one that
    /// opens after it in the same line, ends there. So a record is split twice at most, however long it is.
    /// </summary>
    private RecordState ExtendToClosingQuote(ref ReadOnlySpan<byte> line)
    {
        var state = RecordState.OpenQuote;
        ReadOnlySpan<byte> added, joined;
        while (lines.TryExtend(out added, out joined))
        {
            if (added.Count((byte)'"') % 2 == 0)
                continue;
            line = joined;
            state = record.Split(line);
            break;
        }

        return state == RecordState.OpenQuote
            ? throw lines.Error("a closing quote for each opening one", "a quoted field without its end")
            : state;
    }
}
