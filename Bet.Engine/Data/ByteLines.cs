using System.IO.Compression;
using System.Text.Unicode;

namespace Bet.Engine.Data;

/// <summary>
/// The lines of a text file as UTF-8 bytes, without their ends (LF or CR LF) and without a byte order mark; gzip is
/// told by its first bytes and expanded. Memory is one buffer, as long as the longest line.
/// </summary>
internal sealed class ByteLines : IDisposable
{
    private const int BufferBytes = 256 << 10;
    private const int LeastRead = 16 << 10;

    private readonly ReadLimits limits;
    private readonly CancellationToken cancellation;
    private readonly Stream stream;
    private readonly bool gzip;
    private readonly byte[] head = new byte[4];
    private byte[] buffer;
    private int start;
    private int position;
    private int filled;
    private int inspected;
    private long expanded;
    private long physicalLine;
    private bool ended;
    private bool suspect;

    public ByteLines(DatasetFile file, ReadLimits limits, CancellationToken cancellation)
    {
        File = file.Name;
        this.limits = limits;
        this.cancellation = cancellation;
        buffer = new byte[Math.Min(BufferBytes, limits.LineBytes)];
        stream = OpenExpanded(file, out gzip);
    }

    public string File { get; }

    /// <summary>Where the current line, or record of several lines, begins; counted from 1, 0 before the first.</summary>
    public long Line { get; private set; }

    /// <summary>The next line, valid until the next call; false at the end.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        start = position;
        Line = physicalLine + 1;
        bool read = TryTake(out _, out line);
        if (!read)
            Line = physicalLine;
        return read;
    }

    /// <summary>Joins the next line to the current one; <paramref name="added"/> is the new part.</summary>
    public bool TryExtend(out ReadOnlySpan<byte> added, out ReadOnlySpan<byte> line) => TryTake(out added, out line);

    public DataFormatException Error(string expected, string found) => new(File, Line, expected, found);

    public void Dispose() => stream.Dispose();

    private bool TryTake(out ReadOnlySpan<byte> added, out ReadOnlySpan<byte> line)
    {
        int scanned = position;
        int end;
        while (true)
        {
            int length = buffer.AsSpan(scanned, filled - scanned).IndexOf((byte)'\n');
            end = length >= 0 ? scanned + length : filled;
            if (length >= 0 || ended)
                break;
            int read = Fill();
            scanned = filled - read;
        }

        added = line = default;
        if (position == filled)
            return false;
        int from = position;
        position = Math.Min(end + 1, filled);
        physicalLine++;
        if (end > from && buffer[end - 1] == '\r')
            end--;
        added = buffer.AsSpan(from, end - from);
        line = buffer.AsSpan(start, end - start);
        if (suspect && (added.Contains((byte)0) || !Utf8.IsValid(added)))
            throw new DataFormatException(File, physicalLine, "UTF-8 text (plain or gzip)", DescribeBinary(added));
        return true;
    }

    /// <summary>Reads on behind the current record and returns how many bytes of text were added.</summary>
    private int Fill()
    {
        cancellation.ThrowIfCancellationRequested();
        MakeRoom();
        var free = buffer.AsSpan(filled);
        int wanted = Math.Min(free.Length, LeastRead);
        int read;
        try
        {
            read = stream.ReadAtLeast(free, wanted, throwOnEndOfStream: false);
        }
        catch (InvalidDataException cause)
        {
            throw DamagedGzip(cause);
        }

        ended = read < wanted;
        if (expanded == 0)
            SkipByteOrderMark(free[..read]);
        expanded += read;
        if (expanded > limits.ExpandedBytes)
        {
            throw new DataFormatException(
                File, 0, $"at most {limits.ExpandedBytes} bytes of text (after gzip)", "more than that");
        }

        filled += read;
        if (ended && gzip)
            read = Math.Max(0, read - RemoveSeal());
        Inspect(read);
        return read;
    }

    /// <summary>Checks that a gzip file was whole. The seal has no line feed, so it is behind all lines read so far.</summary>
    private int RemoveSeal()
    {
        if (!buffer.AsSpan(0, filled).EndsWith(GzipText.Seal))
            throw DamagedGzip(null);
        filled -= GzipText.Seal.Length;
        return GzipText.Seal.Length;
    }

    private DataFormatException DamagedGzip(Exception? cause) =>
        new(File, 0, "a whole gzip file", "a damaged or cut off one", cause);

    private void MakeRoom()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            position -= start;
            inspected -= start;
            start = 0;
        }

        if (filled < buffer.Length)
            return;
        if (buffer.Length >= limits.LineBytes)
            throw new DataFormatException(File, Line, $"lines of at most {limits.LineBytes} bytes", "a longer one");
        Array.Resize(ref buffer, (int)Math.Min(limits.LineBytes, 2L * buffer.Length));
    }

    private void SkipByteOrderMark(ReadOnlySpan<byte> bytes)
    {
        bytes[..Math.Min(bytes.Length, head.Length)].CopyTo(head);
        if (bytes.StartsWith("\uFEFF"u8))
            start = position = inspected = 3;
    }

    /// <summary>
    /// Checks whole lines at a time that they are text; only if they are not, each line is checked by itself. No
    /// UTF-8 sequence holds a line feed, so the lines are valid if their concatenation is.
    /// </summary>
    private void Inspect(int read)
    {
        int lastEnd = buffer.AsSpan(filled - read, read).LastIndexOf((byte)'\n');
        int end = ended ? filled : lastEnd < 0 ? inspected : filled - read + lastEnd + 1;
        if (end <= inspected)
            return;
        var lines = buffer.AsSpan(inspected, end - inspected);
        suspect |= lines.Contains((byte)0) || !Utf8.IsValid(lines);
        inspected = end;
    }

    private string DescribeBinary(ReadOnlySpan<byte> line) => head switch
    {
        [(byte)'P', (byte)'K', 3, 4] => "a ZIP archive; unpack it and give the text file inside",
        [(byte)'P', (byte)'A', (byte)'R', (byte)'1'] => "a Parquet file; export it as CSV",
        [(byte)'B', (byte)'Z', (byte)'h', _] => "a bzip2 file; unpack it or pack it as gzip",
        [0x28, 0xB5, 0x2F, 0xFD] => "a Zstandard file; unpack it or pack it as gzip",
        [0xFD, (byte)'7', (byte)'z', _] => "an xz file; unpack it or pack it as gzip",
        [0xFF, 0xFE, _, _] or [0xFE, 0xFF, _, _] => "UTF-16 text; save it as UTF-8",
        _ when line.Contains((byte)0) => "a NUL byte, so this is a binary file",
        _ => $"bytes that are not UTF-8: {DataFormatException.Quote(line)}",
    };

    private static Stream OpenExpanded(DatasetFile file, out bool gzip)
    {
        var stream = file.Open();
        Span<byte> magic = stackalloc byte[3];
        gzip = stream.ReadAtLeast(magic, 3, throwOnEndOfStream: false) == 3 && magic is [0x1F, 0x8B, 8];
        if (stream.CanSeek)
        {
            stream.Position = 0;
        }
        else
        {
            stream.Dispose();
            stream = file.Open();
        }

        return gzip ? GzipText.Expand(stream) : stream;
    }
}
