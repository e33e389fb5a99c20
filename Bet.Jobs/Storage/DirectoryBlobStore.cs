namespace Bet.Jobs.Storage;

/// <summary>
/// Blobs as files of one folder, "blobs/ab/abcdef...". A temporary file is written and flushed to the disk, then
/// renamed: a process killed at any moment leaves a whole blob or none.
/// </summary>
public sealed class DirectoryBlobStore : IBlobStore
{
    private readonly string folder;
    private readonly string temporary;

    /// <param name="folder">Holds the blobs.</param>
    /// <param name="temporary">Holds what is being written; on the same file system. Emptied here.</param>
    public DirectoryBlobStore(string folder, string temporary)
    {
        this.folder = folder;
        this.temporary = temporary;
        Directory.CreateDirectory(folder);
        StagedFile.Prepare(temporary);
    }

    public IStagedBlob Stage(Action<Stream> content) =>
        StagedFile.Write(temporary, content, flushToDisk: true, publish: staged =>
        {
            string target = PathOf(staged.Hash);
            // Published before, by a transaction whose end was not known.
            if (!File.Exists(staged.Path) && File.Exists(target))
                return;
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(staged.Path, target, overwrite: true);
        });

    public Stream? OpenRead(string hash)
    {
        try
        {
            return new FileStream(PathOf(hash), new FileStreamOptions
            {
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.Asynchronous,
                BufferSize = 1 << 16,
            });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public IEnumerable<string> All() =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path));

    public void Delete(string hash)
    {
        string path = PathOf(hash);
        if (File.Exists(path))
            File.Delete(path);
    }

    private string PathOf(string hash) => Path.Combine(folder, hash[..2], hash);
}
