using System.Text;

namespace Bet.Engine.Artifacts;

/// <summary>
/// users.ids.txt and items.ids.txt: UTF-8 without a mark, one raw id a line in row order, every line ended by a line
/// feed. Inside an id a backslash is written <c>\\</c>, a line feed <c>\n</c>, a carriage return <c>\r</c> and a tab
/// <c>\t</c>; nothing else is escaped.
/// </summary>
public static class RawIds
{
    /// <summary>The file of a side, "users" or "items".</summary>
    public static string FileName(string side) => $"{side}.ids.txt";

    /// <exception cref="EncoderFallbackException">An id is not valid Unicode.</exception>
    public static void Write(Stream stream, IReadOnlyList<string> ids)
    {
        using StreamWriter writer = TextFile.Writer(stream);
        foreach (string id in ids)
        {
            writer.Write(Escape(id));
            writer.Write('\n');
        }
    }

    /// <exception cref="InvalidDataException">Not valid UTF-8, an unknown escape, or the last line has no end.</exception>
    public static string[] Read(Stream stream)
    {
        using var reader = new StreamReader(
            stream, TextFile.Encoding, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        string text;
        try
        {
            text = reader.ReadToEnd();
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException($"ids are not valid UTF-8: {error.Message}", error);
        }

        string[] lines = text.Split('\n');
        if (lines[^1].Length > 0)
            throw new InvalidDataException($"ids end in the middle of line {lines.Length}: the file is truncated");
        return [.. lines.Take(lines.Length - 1).Select(Unescape)];
    }

    private static string Escape(string id) => id.AsSpan().IndexOfAny("\\\n\r\t") < 0
        ? id
        : id.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\r", "\\r").Replace("\t", "\\t");

    private static string Unescape(string line, int index)
    {
        if (!line.Contains('\\'))
            return line;
        var id = new StringBuilder();
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] != '\\')
            {
                id.Append(line[i]);
                continue;
            }

            char escaped = ++i < line.Length ? line[i] : ' ';
            id.Append(escaped switch
            {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                _ => throw new InvalidDataException($"line {index + 1} has a backslash that is not part of \\\\, \\n, \\r or \\t"),
            });
        }

        return id.ToString();
    }
}

/// <summary>How text artifacts are encoded: UTF-8, no mark, invalid Unicode is an error rather than a replacement.</summary>
internal static class TextFile
{
    public static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Leaves the stream open.</summary>
    public static StreamWriter Writer(Stream stream) => new(stream, Encoding, bufferSize: 1 << 16, leaveOpen: true);
}
