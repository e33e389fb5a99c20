using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Bet.Engine.GivenTables;

/// <summary>
/// Reads NumPy's .npy (format versions 1 to 3; NEP 1): a magic word, a header that is a Python dictionary, then the values.
/// Two-dimensional, C order, little-endian float16, float32 or float64.
/// </summary>
internal static partial class NpyReader
{
    private const int LongestHeader = 1 << 16;

    /// <param name="stream">At the file's first byte; seekable.</param>
    /// <param name="field">The table's side, for messages.</param>
    /// <exception cref="GivenTableException">Not such a file; the message says why.</exception>
    public static DenseRows Read(Stream stream, string field)
    {
        string header = Header(stream, field);
        var type = TypeOf(header, field);
        if (Order().Match(header) is not { Success: true } order)
            throw Wrong(field, "its header does not say fortran_order");
        if (order.Groups[1].Value == "True")
            throw Wrong(field, "it is in Fortran order; save numpy.ascontiguousarray(table)");
        var (rows, columns) = ShapeOf(header, field);
        long expected = (long)rows * columns * FloatReader.SizeOf(type), left = stream.Length - stream.Position;
        if (left != expected)
            throw Wrong(field, $"{left} bytes of values follow its header, ({rows}, {columns}) needs {expected}; it is cut off or not one array");
        return FloatReader.Read(stream, type, rows, columns, field);
    }

    /// <summary>The dictionary, as text.</summary>
    private static string Header(Stream stream, string field)
    {
        Span<byte> start = stackalloc byte[8];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read < start.Length || start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw Wrong(field, "it is no .npy file; save it with numpy.save");
        if (start[6] is < 1 or > 3)
            throw Wrong(field, $"it is of format version {start[6]}.{start[7]}; 1 to 3 are read");
        Span<byte> prefix = stackalloc byte[start[6] == 1 ? 2 : 4];
        read = stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false);
        uint length = read < prefix.Length ? uint.MaxValue
            : prefix.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(prefix) : BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (length > LongestHeader || length > stream.Length - stream.Position)
            throw Wrong(field, "it ends within its header");
        var header = new byte[length];
        stream.ReadExactly(header);
        return Encoding.Latin1.GetString(header);
    }

    private static FloatType TypeOf(string header, string field)
    {
        string type = Type().Match(header) is { Success: true } match ? match.Groups[1].Value : "of several fields";
        return type switch
        {
            "<f2" => FloatType.Float16,
            "<f4" => FloatType.Float32,
            "<f8" => FloatType.Float64,
            _ => throw Wrong(field, $"its values are {type}; float16, float32 and float64 (<f2, <f4, <f8) are read: save table.astype('<f4')"),
        };
    }

    private static (int Rows, int Columns) ShapeOf(string header, string field)
    {
        string shape = Shape().Match(header).Groups[1].Value;
        string[] extents = shape.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return extents is [var r, var c]
            && int.TryParse(r, NumberStyles.None, CultureInfo.InvariantCulture, out int rows)
            && int.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out int columns)
            && (long)rows * columns <= Array.MaxLength
            ? (rows, columns)
            : throw Wrong(field, $"its shape is ({shape}); (rows, values of a row) is expected, at most {Array.MaxLength} values");
    }

    private static GivenTableException Wrong(string field, string message) => new(field, message);

    [GeneratedRegex("'descr'\\s*:\\s*'([^']*)'")]
    private static partial Regex Type();

    [GeneratedRegex("'fortran_order'\\s*:\\s*(True|False)")]
    private static partial Regex Order();

    [GeneratedRegex("'shape'\\s*:\\s*\\(([^)]*)\\)")]
    private static partial Regex Shape();
}
