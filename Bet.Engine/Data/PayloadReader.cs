using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Bet.Engine.Data;

/// <summary>
/// Reads what <see cref="PayloadWriter"/> wrote. Nothing in the file is trusted: every count is checked against the
/// bytes that are there before memory is taken for it.
/// </summary>
internal ref struct PayloadReader
{
    private const int ChunkBytes = 1 << 20;

    private readonly ReadOnlySpan<byte> payload;
    private int position;

    private PayloadReader(ReadOnlySpan<byte> payload) => this.payload = payload;

    /// <exception cref="InvalidDataException">Another kind of file, another version, cut off or changed.</exception>
    public static PayloadReader Open(Stream stream, ReadOnlySpan<byte> magic, uint version)
    {
        Span<byte> header = stackalloc byte[PayloadWriter.HeaderBytes];
        int read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        string kind = Encoding.ASCII.GetString(magic);
        if (read < 4 || !header[..4].SequenceEqual(magic))
            throw new InvalidDataException($"not a {kind} file: it does not begin with '{kind}'");
        if (read < header.Length)
            throw new InvalidDataException($"the {kind} file ends inside its header");
        uint found = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        if (found != version)
            throw new InvalidDataException($"the {kind} file has version {found}; this program reads version {version}");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        if (length > (ulong)Array.MaxLength)
            throw new InvalidDataException($"the {kind} file says it has {length} bytes, more than one can have");
        var payload = ReadPayload(stream, (int)length, kind);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(payload, hash);
        if (!hash.SequenceEqual(header[16..]))
            throw new InvalidDataException($"the {kind} file was changed: its SHA-256 differs from the one in its header");
        return new PayloadReader(payload);
    }

    public ulong Unsigned()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (position == payload.Length)
                throw new InvalidDataException("a number is cut off at the end of the data");
            byte part = payload[position++];
            if (shift == 63 && part > 1)
                break;
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }

        throw new InvalidDataException("a number has more than 64 bits");
    }

    public long Signed()
    {
        ulong value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A finite number of 8 bytes.</summary>
    public double Double(string what)
    {
        CheckRoom(sizeof(double), $"bytes of {what}");
        double value = BinaryPrimitives.ReadDoubleLittleEndian(payload[position..]);
        position += sizeof(double);
        return double.IsFinite(value) ? value : throw new InvalidDataException($"{what} is {value}, not a finite number");
    }

    /// <summary>A finite number of 4 bytes.</summary>
    public float Single(string what)
    {
        CheckRoom(sizeof(float), "bytes of a number");
        float value = BinaryPrimitives.ReadSingleLittleEndian(payload[position..]);
        position += sizeof(float);
        return float.IsFinite(value) ? value : throw new InvalidDataException($"{what} is {value}, not a finite number");
    }

    /// <summary>A count of things that take at least one byte each.</summary>
    public int Count(string what)
    {
        ulong count = Unsigned();
        return count <= (ulong)(payload.Length - position)
            ? (int)count
            : throw new InvalidDataException($"{count} {what} cannot be in the {payload.Length - position} bytes left");
    }

    public IdList Strings(string what)
    {
        var ends = new int[Count(what)];
        int first = position;
        int total = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            int bytes = Count("bytes of an id");
            if (!Utf8.IsValid(payload.Slice(position, bytes)))
                throw new InvalidDataException($"an id among the {what} is not UTF-8");
            position += bytes;
            ends[i] = total += bytes;
        }

        var values = new byte[total];
        position = first;
        for (int start = 0, i = 0; i < ends.Length; start = ends[i++])
        {
            int bytes = Count("bytes of an id");
            payload.Slice(position, bytes).CopyTo(values.AsSpan(start));
            position += bytes;
        }

        return new IdList(values, ends);
    }

    /// <summary>Numbers in [0, <paramref name="limit"/>).</summary>
    public int[] Differences(int count, int limit, string what)
    {
        CheckRoom(count, what);
        var values = new int[count];
        long last = 0;
        for (int i = 0; i < count; i++)
        {
            last = unchecked(last + Signed());
            if (last < 0 || last >= limit)
                throw new InvalidDataException($"{what} {last} at {i} is not in [0, {limit})");
            values[i] = (int)last;
        }

        return values;
    }

    public long[] Differences(int count, string what)
    {
        CheckRoom(count, what);
        var values = new long[count];
        long last = 0;
        for (int i = 0; i < count; i++)
            values[i] = last = unchecked(last + Signed());
        return values;
    }

    public Interactions Rows(int users, int items, string part)
    {
        CheckRoom(users, $"rows of {part}");
        var offsets = new int[users + 1];
        for (int user = 0; user < users; user++)
        {
            ulong next = (ulong)offsets[user] + (ulong)Count($"items of a row of {part}");
            if (next > (ulong)payload.Length)
                throw new InvalidDataException($"the rows of {part} have more items than the file has bytes");
            offsets[user + 1] = (int)next;
        }

        CheckRoom(offsets[users], $"items of {part}");
        var columns = new int[offsets[users]];
        for (int user = 0; user < users; user++)
        {
            ulong least = 0;
            for (int place = offsets[user]; place < offsets[user + 1]; place++)
            {
                ulong gap = Unsigned();
                if (gap >= (ulong)items || least + gap >= (ulong)items)
                    throw new InvalidDataException($"row {user} of {part} has an item outside [0, {items})");
                columns[place] = (int)(least + gap);
                least += gap + 1;
            }
        }

        return new Interactions(users, items, offsets, columns);
    }

    public readonly void End()
    {
        if (position != payload.Length)
            throw new InvalidDataException($"{payload.Length - position} bytes are left over at the end of the data");
    }

    private readonly void CheckRoom(int count, string what)
    {
        if (count > payload.Length - position)
            throw new InvalidDataException($"{count} {what} cannot be in the {payload.Length - position} bytes left");
    }

    /// <summary>Takes memory as bytes arrive, so that a false length costs nothing.</summary>
    private static ReadOnlySpan<byte> ReadPayload(Stream stream, int length, string kind)
    {
        var payload = new byte[Math.Min(length, ChunkBytes)];
        int filled = 0;
        while (filled < length)
        {
            if (filled == payload.Length)
                Array.Resize(ref payload, (int)Math.Min(length, 2L * payload.Length));
            int read = stream.Read(payload, filled, payload.Length - filled);
            if (read == 0)
                throw new InvalidDataException($"the {kind} file is cut off: {filled} of {length} bytes are there");
            filled += read;
        }

        return payload;
    }
}
