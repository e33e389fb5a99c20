using System.IO.Compression;
using System.Text;
using Bet.Engine.Data;

namespace Bet.Tests.Data;

/// <summary>Files in memory.</summary>
internal static class TestFiles
{
    public static DatasetFile Bytes(string name, byte[] content, FilePart part = FilePart.All) =>
        new(name, () => new MemoryStream(content, writable: false), part);

    public static DatasetFile Text(string name, string content, FilePart part = FilePart.All) =>
        Bytes(name, Encoding.UTF8.GetBytes(content), part);

    public static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        return packed.ToArray();
    }

    public static InteractionSet Read(string content, DatasetFormat? format = null, string name = "ratings.csv") =>
        DatasetReader.Read([Text(name, content)], format ?? new DatasetFormat());

    public static DataFormatException Refused(string content, DatasetFormat? format = null, string name = "ratings.csv") =>
        Assert.Throws<DataFormatException>(() => Read(content, format, name));

    /// <summary>The interactions as raw pairs "user/item", in order.</summary>
    public static string[] Pairs(InteractionSet set) =>
        [.. Enumerable.Range(0, set.Count).Select(i => $"{set.UserIds[set.UserOf[i]]}/{set.ItemIds[set.ItemOf[i]]}")];

    /// <summary>A stream without a position, which gives a few bytes at a time.</summary>
    public sealed class Dripping(byte[] content) : Stream
    {
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

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = Math.Min(Math.Min(count, 3), content.Length - position);
            content.AsSpan(position, read).CopyTo(buffer.AsSpan(offset));
            position += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
