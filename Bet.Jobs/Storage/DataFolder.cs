namespace Bet.Jobs.Storage;

/// <summary>
/// The folder that holds all that a server keeps: "bet.db", "blobs", and "tmp" for what is being written. It belongs to
/// one process at a time, unless the rows are in a database elsewhere: then several may share the blobs.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private const string LockEnding = ".lock";

    private readonly FileStream lockFile;
    private readonly bool isShared;

    /// <param name="path">Made where it is not there.</param>
    /// <param name="isShared">Whether other processes use it too.</param>
    /// <exception cref="DataFolderException">Another process has the folder, or it cannot be written.</exception>
    public DataFolder(string path, bool isShared = false)
    {
        this.isShared = isShared;
        Root = Path.GetFullPath(path);
        string temporary = Path.Combine(Root, "tmp");
        Temporary = isShared ? Path.Combine(temporary, Guid.NewGuid().ToString("N")) : temporary;
        try
        {
            Directory.CreateDirectory(temporary);
            if (isShared)
                DeleteLeftovers(temporary);
            // Held as long as the process lives, however it ends.
            lockFile = Lock(isShared ? Temporary + LockEnding : Path.Combine(Root, "lock"));
            Directory.CreateDirectory(Temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"{Root} cannot be used: {e.Message}. Is another server using it?", e);
        }
    }

    public string Root { get; }

    public string DatabaseFile => Path.Combine(Root, "bet.db");

    public string Blobs => Path.Combine(Root, "blobs");

    /// <summary>This process's alone.</summary>
    public string Temporary { get; }

    public long FreeBytes => new DriveInfo(Root).AvailableFreeSpace;

    public void Dispose()
    {
        if (isShared && Directory.Exists(Temporary))
        {
            Directory.Delete(Temporary, recursive: true);
            File.Delete(Temporary + LockEnding);
        }

        lockFile.Dispose();
    }

    private static FileStream Lock(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    /// <summary>What processes that are gone were writing: nobody has their lock any more.</summary>
    private static void DeleteLeftovers(string temporary)
    {
        foreach (string path in Directory.EnumerateFiles(temporary, "*" + LockEnding))
        {
            try
            {
                using var gone = Lock(path);
                string folder = path[..^LockEnding.Length];
                if (Directory.Exists(folder))
                    Directory.Delete(folder, recursive: true);
                File.Delete(path);
            }
            catch (IOException)
            {
                // Its process lives, or another one that starts now is quicker.
            }
        }
    }
}

/// <summary>The data folder cannot be used; the message says why.</summary>
public sealed class DataFolderException(string message, Exception cause) : Exception(message, cause);
