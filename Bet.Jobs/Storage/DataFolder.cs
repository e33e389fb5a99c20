namespace Bet.Jobs.Storage;

/// <summary>
/// The folder that holds all that a server keeps: "bet.db", "blobs", and "tmp" for what is being written. It belongs to
/// one process at a time, unless the rows are in a database elsewhere: then several may share the blobs.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream? lockFile;

    /// <exception cref="DataFolderException">Another process has the folder, or it cannot be written.</exception>
    /// <param name="path">Made where it is not there.</param>
    /// <param name="isShared">Whether other processes use it too.</param>
    public DataFolder(string path, bool isShared = false)
    {
        Root = Path.GetFullPath(path);
        Temporary = Path.Combine(Root, "tmp", isShared ? $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}" : "");
        try
        {
            Directory.CreateDirectory(Root);
            Directory.CreateDirectory(Temporary);
            if (isShared)
                return;
            lockFile = new FileStream(Path.Combine(Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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
        lockFile?.Dispose();
        if (lockFile is null && Directory.Exists(Temporary))
            Directory.Delete(Temporary, recursive: true);
    }
}

/// <summary>The data folder cannot be used; the message says why.</summary>
public sealed class DataFolderException(string message, Exception cause) : Exception(message, cause);
