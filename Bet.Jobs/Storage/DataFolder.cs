namespace Bet.Jobs.Storage;

/// <summary>
/// The folder that holds all that a server keeps: "bet.db", "blobs", and "tmp" for what is being written. It belongs to
/// one process at a time.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream lockFile;

    /// <exception cref="DataFolderException">Another process has the folder, or it cannot be written.</exception>
    public DataFolder(string path)
    {
        Root = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(Root);
            Directory.CreateDirectory(Temporary);
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

    public string Temporary => Path.Combine(Root, "tmp");

    public long FreeBytes => new DriveInfo(Root).AvailableFreeSpace;

    public void Dispose() => lockFile.Dispose();
}

/// <summary>The data folder cannot be used; the message says why.</summary>
public sealed class DataFolderException(string message, Exception cause) : Exception(message, cause);
