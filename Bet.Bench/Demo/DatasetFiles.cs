namespace Bet.Bench.Demo;

/// <summary>
/// The files of a data set in a folder, by the part that they are uploaded as: train and test where there are both, or
/// one file.
/// </summary>
public static class DatasetFiles
{
    private static readonly string[] Names = ["train", "ratings", "interactions"];
    private static readonly string[] Extensions = [".txt", ".csv", ".tsv", ".dat"];

    public static IReadOnlyList<(string Part, FileInfo File)> Of(DirectoryInfo folder)
    {
        if (!folder.Exists)
            throw new UsageException($"{folder}: there is no such folder");
        if (!folder.EnumerateFileSystemInfos().Any())
            throw new UsageException($"{folder}: the folder is empty");
        var single = Names.Select(name => Find(folder, name)).FirstOrDefault(file => file is not null)
            ?? throw new UsageException(
                $"{folder}: there is no file named {string.Join(", ", Names)} with the extension "
                + $"{string.Join(", ", Extensions)} (also with .gz behind it)");
        if (single.Length == 0)
            throw new UsageException($"{single}: the file is empty");
        return Find(folder, "test") is { } test && single.Name.StartsWith("train.", StringComparison.Ordinal)
            ? [("train", single), ("test", test)]
            : [("file", single)];
    }

    private static FileInfo? Find(DirectoryInfo folder, string name) =>
        Extensions.SelectMany(extension => new[] { $"{name}{extension}", $"{name}{extension}.gz" })
            .Select(file => new FileInfo(Path.Combine(folder.FullName, file)))
            .FirstOrDefault(file => file.Exists);
}
