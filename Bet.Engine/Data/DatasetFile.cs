namespace Bet.Engine.Data;

/// <summary>What a file of a data set holds.</summary>
public enum FilePart
{
    /// <summary>All interactions; the split is ours to make.</summary>
    All,

    /// <summary>The training part of a data set that comes divided.</summary>
    Train,

    /// <summary>The test part of a data set that comes divided.</summary>
    Test,
}

/// <summary>One file to read.</summary>
/// <param name="Name">The name that error messages use.</param>
/// <param name="Open">
/// Opens the file at its first byte, plain or gzip; called more than once, and the reader disposes what it returns.
/// </param>
/// <param name="Part">What the file holds.</param>
public sealed record DatasetFile(string Name, Func<Stream> Open, FilePart Part = FilePart.All)
{
    /// <summary>A file on disk, named in messages by its last path segment.</summary>
    public static DatasetFile OnDisk(string path, FilePart part = FilePart.All) =>
        new(Path.GetFileName(path), () => File.OpenRead(path), part);
}

/// <summary>How much a reader takes before it refuses; a small gzip file can expand without end.</summary>
/// <param name="ExpandedBytes">Bytes of text in one file.</param>
/// <param name="LineBytes">Bytes in one line.</param>
/// <param name="Interactions">Interactions in all files together, repeats included.</param>
public sealed record ReadLimits(
    long ExpandedBytes = 8L << 30, int LineBytes = 16 << 20, int Interactions = 500_000_000);
