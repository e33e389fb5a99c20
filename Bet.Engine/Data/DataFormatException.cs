using System.Text;

namespace Bet.Engine.Data;

/// <summary>
/// A file is not what it should be. The message names the file, the line, what was expected and what stood there:
/// "ratings.csv, line 17: expected 3 columns separated by ',', found 1: '4711'".
/// </summary>
public sealed class DataFormatException : Exception
{
    private const int ExcerptLength = 60;

    /// <param name="file">Name of the file, as the user gave it.</param>
    /// <param name="line">Line, counted from 1; 0 where the file as a whole is meant.</param>
    /// <param name="expected">What would have done.</param>
    /// <param name="found">What stood there.</param>
    /// <param name="cause">The exception below, if there is one.</param>
    public DataFormatException(string file, long line, string expected, string found, Exception? cause = null)
        : base($"{file}{(line > 0 ? $", line {line}" : "")}: expected {expected}, found {found}", cause)
    {
        File = file;
        Line = line;
        Expected = expected;
        Found = found;
    }

    public string File { get; }

    /// <summary>Counted from 1; 0 where the file as a whole is meant.</summary>
    public long Line { get; }

    public string Expected { get; }

    public string Found { get; }

    /// <summary>The beginning of some bytes, of so many characters at most, as a quoted text without control characters.</summary>
    internal static string Quote(ReadOnlySpan<byte> bytes, int length = ExcerptLength)
    {
        bool cut = bytes.Length > 4 * length;
        string text = Encoding.UTF8.GetString(cut ? bytes[..(4 * length)] : bytes);
        if (cut || text.Length > length)
            text = string.Concat(text.AsSpan(0, Math.Min(text.Length, length)), "...");
        return $"'{string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c))}'";
    }
}
