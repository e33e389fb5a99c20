using System.IO.Compression;

namespace Bet.Engine.Data;

/// <summary>
/// Expands gzip so that a cut off file shows. <see cref="GZipStream"/> ends in silence where its input does, so a
/// member that holds <see cref="Seal"/> is put behind the file: it comes out, as the last bytes, only if everything
/// before it was whole.
/// </summary>
internal static class GzipText
{
    private static readonly byte[] SealMember = Pack(Seal);

    /// <summary>The last bytes of every whole expanded file; no line feed among them.</summary>
    public static ReadOnlySpan<byte> Seal => "\0end of the gzip\0"u8;

    public static Stream Expand(Stream packed) =>
        new GZipStream(new Followed(packed, SealMember), CompressionMode.Decompress);

    private static byte[] Pack(ReadOnlySpan<byte> content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }

    /// <summary>A stream, and some bytes after its end.</summary>
    private sealed class Followed(Stream first, byte[] second) : Stream
    {
        private bool firstEnded;
        private int position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            if (!firstEnded)
            {
                int read = first.Read(buffer);
                if (read > 0 || buffer.IsEmpty)
                    return read;
                firstEnded = true;
            }

            int rest = Math.Min(buffer.Length, second.Length - position);
            second.AsSpan(position, rest).CopyTo(buffer);
            position += rest;
            return rest;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                first.Dispose();
            base.Dispose(disposing);
        }
    }
}
