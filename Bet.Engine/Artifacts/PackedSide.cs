using Bet.Engine.Embeddings;

namespace Bet.Engine.Artifacts;

/// <summary>
/// One side of a packed table: the tensors that a server holds, and how a row is read from them. Rows count from 0, the
/// most frequent entity first.
/// </summary>
public abstract class PackedSide(SideShape shape) : IEquatable<PackedSide>
{
    /// <summary>How it is stored.</summary>
    public SideShape Shape { get; } = shape;

    public int Rows => Shape.Rows;

    /// <summary>Bytes of all its tensors.</summary>
    public long ServingBytes => Shape.Bytes;

    /// <summary>The tensors, under the names that they have in a file: "users.values".</summary>
    /// <param name="side">"users" or "items".</param>
    public abstract IReadOnlyList<TensorContent> Tensors(string side);

    /// <summary>Whole numbers that no tensor's shape says, under the names that they have in a file's metadata.</summary>
    public virtual IReadOnlyList<(string Name, long Number)> Numbers => [];

    /// <summary>How many values a row has; the others of its d_max values are zero.</summary>
    public abstract int SizeOf(int row);

    /// <summary>Of a row that has no vector of its own but shares one with its neighbours in rank: which; else null.</summary>
    public virtual int? BucketOf(int row) => null;

    /// <summary>The row's values, as many as its size.</summary>
    public float[] Row(int row)
    {
        if ((uint)row >= (uint)Rows)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"there are {Rows} rows");
        var values = new float[SizeOf(row)];
        Read(row, values);
        return values;
    }

    /// <summary>float32 [Rows, width], row-major, zero after each row's own values.</summary>
    /// <param name="width">At least the largest size in use.</param>
    public float[] Unpack(int width)
    {
        if (width < Shape.Width)
            throw new ArgumentException($"Unpack: rows have up to {Shape.Width} values, a width of {width} was asked for");
        var dense = new float[(long)Rows * width];
        for (int row = 0; row < Rows; row++)
            Read(row, dense.AsSpan(row * width, SizeOf(row)));
        return dense;
    }

    public bool Equals(PackedSide? other) => other is not null && Shape.Equals(other.Shape) && HasSameValues(other);

    public sealed override bool Equals(object? obj) => Equals(obj as PackedSide);

    public sealed override int GetHashCode() => Shape.GetHashCode();

    /// <summary>Writes the row's values, as many as its size.</summary>
    private protected abstract void Read(int row, Span<float> destination);

    /// <summary>Whether another side of the same shape stores the same.</summary>
    private protected abstract bool HasSameValues(PackedSide other);
}

/// <summary>A side of a file of packed tables, not yet read.</summary>
/// <param name="File">The file.</param>
/// <param name="Name">"users" or "items".</param>
/// <param name="Rows">Entities of the side.</param>
/// <param name="MaximumSize">d_max.</param>
public sealed record SideSource(SafeTensorsReader File, string Name, int Rows, int MaximumSize)
{
    /// <summary>All values of a tensor of the side.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or it is of another type.</exception>
    public T[] Read<T>(string tensor) where T : unmanaged => File.Read<T>($"{Name}.{tensor}");

    /// <summary>A whole number of the side's metadata.</summary>
    /// <exception cref="InvalidDataException">There is no such number.</exception>
    public long Number(string name) => TableFile.Number(File, $"{Name}.{name}");

    /// <summary>A whole number of the side's metadata; null where there is none of that name.</summary>
    public long? FindNumber(string name) => File.Metadata.ContainsKey($"{Name}.{name}") ? Number(name) : null;

    /// <summary>The shape of a tensor of the side, which must have two dimensions.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or it has others.</exception>
    public (int Rows, int Columns) ShapeOf(string tensor) =>
        File.Layout.Tensors.FirstOrDefault(each => each.Name == $"{Name}.{tensor}")?.Shape is [var rows, var columns]
            && rows <= int.MaxValue && columns <= int.MaxValue
            ? ((int)rows, (int)columns)
            : throw new InvalidDataException($"the file has no tensor '{Name}.{tensor}' of two dimensions");
}
