using System.Globalization;

namespace Bet.Engine.Data;

/// <summary>Text as UTF-8 bytes to a stream that stays open, through one buffer.</summary>
internal sealed class Utf8Writer(Stream stream) : IDisposable
{
    private const int BufferBytes = 64 << 10;
    private const int MostDigits = 20;

    private readonly byte[] buffer = new byte[BufferBytes];
    private int filled;

    public void Write(byte value)
    {
        Reserve(1);
        buffer[filled++] = value;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BufferBytes)
        {
            Flush();
            stream.Write(bytes);
            return;
        }

        Reserve(bytes.Length);
        bytes.CopyTo(buffer.AsSpan(filled));
        filled += bytes.Length;
    }

    /// <summary>Decimal digits, with a minus sign where there is one.</summary>
    public void Write(long number)
    {
        Reserve(MostDigits);
        number.TryFormat(buffer.AsSpan(filled), out int written, default, CultureInfo.InvariantCulture);
        filled += written;
    }

    public void Dispose() => Flush();

    private void Reserve(int bytes)
    {
        if (filled + bytes > BufferBytes)
            Flush();
    }

    private void Flush()
    {
        stream.Write(buffer, 0, filled);
        filled = 0;
    }
}
