namespace Bet.Engine.Data;

/// <summary>Reads the files of a data set, plain or gzip, into interactions without repeats.</summary>
public static class DatasetReader
{
    private static readonly string[] Extensions = [".txt", ".csv", ".tsv", ".dat"];

    /// <summary>
    /// Reads all files in one format. They are either all <see cref="FilePart.All"/>, or train files and test files;
    /// a test interaction that train has too is dropped and counted as a repeat.
    /// </summary>
    /// <exception cref="DataFormatException">A file is not what the format says, or holds no interaction.</exception>
    /// <exception cref="ArgumentException">The format or the combination of parts makes no sense.</exception>
    public static InteractionSet Read(
        IReadOnlyList<DatasetFile> files,
        DatasetFormat format,
        CancellationToken cancellation = default,
        ReadLimits? limits = null)
    {
        format.Validate();
        ValidateParts(files);
        limits ??= new ReadLimits();
        var ordered = files.OrderBy(file => file.Part).ToList();
        using (var lines = new ByteLines(ordered[0], limits, cancellation))
            format = FormatSniffer.Resolve(format, lines);
        format.Validate();
        var builder = new InteractionBuilder(limits.Interactions);
        foreach (var file in ordered)
        {
            if (file.Part == FilePart.Test)
                builder.BeginTest();
            ReadFile(file, format, builder, limits, cancellation);
        }

        return builder.Build();
    }

    /// <summary>Reads what <see cref="FilesIn(string)"/> finds.</summary>
    /// <exception cref="FileNotFoundException">The folder has nothing to read.</exception>
    /// <exception cref="DataFormatException">As for <see cref="Read"/>.</exception>
    public static InteractionSet ReadFolder(
        string path, DatasetFormat? format = null, CancellationToken cancellation = default, ReadLimits? limits = null) =>
        Read(FilesIn(path), format ?? new DatasetFormat(), cancellation, limits);

    /// <summary>
    /// A folder's data set: <c>train.*</c> and, if there is one, <c>test.*</c>; or else the single <c>ratings.*</c> or
    /// <c>interactions.*</c>, with the extension txt, csv, tsv or dat, each optionally followed by .gz.
    /// </summary>
    /// <exception cref="FileNotFoundException">The folder has none of these, or is not there.</exception>
    public static IReadOnlyList<DatasetFile> FilesIn(string path) => FilesIn(path, "ratings", "interactions");

    /// <summary>Train and test, or else the first of the given names that is there.</summary>
    internal static IReadOnlyList<DatasetFile> FilesIn(string path, params string[] names)
    {
        if (Find(path, "train") is { } train)
        {
            return Find(path, "test") is { } test
                ? [DatasetFile.OnDisk(train, FilePart.Train), DatasetFile.OnDisk(test, FilePart.Test)]
                : [DatasetFile.OnDisk(train)];
        }

        return names.Select(name => Find(path, name)).FirstOrDefault(file => file is not null) is { } single
            ? [DatasetFile.OnDisk(single)]
            : throw new FileNotFoundException(
                Directory.Exists(path)
                    ? $"'{path}' has no train, {string.Join(", ", names[..^1])} or {names[^1]} file ({string.Join(", ", Extensions)}, also with .gz)."
                    : $"There is no folder '{path}'.");
    }

    internal static DataFormatException Empty(ByteLines lines) => new(
        lines.File,
        0,
        "at least one interaction",
        lines.Line == 0 ? "an empty file" : "only empty lines");

    private static void ReadFile(
        DatasetFile file,
        DatasetFormat format,
        InteractionBuilder builder,
        ReadLimits limits,
        CancellationToken cancellation)
    {
        int count = builder.Count;
        long below = builder.BelowThreshold;
        using var lines = new ByteLines(file, limits, cancellation);
        switch (format.Kind)
        {
            case DatasetKind.Adjacency:
                AdjacencyListReader.Read(lines, builder);
                break;
            case DatasetKind.MovieLens:
                MovieLensReader.Read(lines, builder, format.RatingThreshold);
                break;
            default:
                DelimitedReader.Read(lines, builder, format, Sample(file, format, limits, cancellation));
                break;
        }

        if (builder.Count > count)
            return;
        below = builder.BelowThreshold - below;
        throw (lines.Line, below) switch
        {
            (0, _) => Empty(lines),
            (_, > 0) => new DataFormatException(
                file.Name, 0, $"at least one rating of {format.RatingThreshold} or more", $"{below} ratings, all below"),
            _ => new DataFormatException(
                file.Name, 0, "at least one interaction", Nothing(format.Kind, lines.Line)),
        };
    }

    private static DelimitedSample? Sample(
        DatasetFile file, DatasetFormat format, ReadLimits limits, CancellationToken cancellation)
    {
        using var lines = new ByteLines(file, limits, cancellation);
        return DelimitedSample.Read(lines, format.Delimiter ?? ',');
    }

    private static string Nothing(DatasetKind kind, long lines) => kind switch
    {
        DatasetKind.Adjacency => $"{lines} line(s) of at most one id each, without items behind the user",
        DatasetKind.Delimited => "no row (a header or empty lines alone)",
        _ => "only empty lines",
    };

    internal static void ValidateParts(IReadOnlyList<DatasetFile> files)
    {
        if (files.Count == 0)
            throw new ArgumentException("A data set needs at least one file.", nameof(files));
        bool whole = files.Any(file => file.Part == FilePart.All);
        bool train = files.Any(file => file.Part == FilePart.Train);
        if (whole && files.Any(file => file.Part != FilePart.All))
            throw new ArgumentException("Files are either all whole, or each is a train or a test part.", nameof(files));
        if (!whole && !train)
            throw new ArgumentException("A test part needs a train part beside it.", nameof(files));
    }

    private static string? Find(string folder, string name) =>
        Extensions.SelectMany(extension => new[] { $"{name}{extension}", $"{name}{extension}.gz" })
            .Select(file => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);
}
